import { readFileSync } from 'node:fs';

/**
 * TensorFlow ends the process while it loads where the CPU lacks what it was built for; an error is kinder.
 *
 * @throws if this is an x64 CPU without AVX.
 */
export function requireAvx(cpuinfo: string = readCpuinfo(), arch: string = process.arch): void {
  const flags = /^flags\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.split(' ');
  if (arch !== 'x64' || flags === undefined || flags.includes('avx')) return;
  throw new Error(
    'openTensorFlow: expected a CPU with AVX, which TensorFlow is built for. Use another machine, ' +
      'or, in a virtual machine, pass the CPU of the host through.',
  );
}

function readCpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
