import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Machine } from '../library/platform.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Names for people, and the flags of /proc/cpuinfo that mean them; fastest last. */
const features = {
  x64: {
    AVX2: 'avx2',
    'AVX-512': 'avx512f',
    'AVX512-VNNI': 'avx512_vnni',
    'AVX512-BF16': 'avx512_bf16',
    'AVX512-FP16': 'avx512_fp16',
    'AMX-BF16': 'amx_bf16',
  },
  arm64: { NEON: 'asimd', FP16: 'asimdhp', SVE: 'sve', BF16: 'bf16' },
} as const;

/** What a CPU is, and which of the features that decide its speed it has. */
export interface Cpu {
  readonly model: string;
  readonly present: readonly string[];
  readonly absent: readonly string[];
}

/** The CPU of this machine; its features only on Linux, which lists them, to who may read the list. */
export async function cpuOf({ os, arch }: Machine): Promise<Cpu> {
  if (os === 'linux') {
    return readCpu(await readFile('/proc/cpuinfo', 'utf8').catch(() => ''), arch);
  }
  return { model: cpus()[0]?.model ?? arch, present: [], absent: [] };
}

/** Reads the text of /proc/cpuinfo of a machine of architecture `arch`. */
export function readCpu(cpuinfo: string, arch: string): Cpu {
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? arch;
  const [, line] =
    (arch === 'arm64' ? /^Features\s*:\s*(.+)$/m : /^flags\s*:\s*(.+)$/m).exec(cpuinfo) ?? [];
  if (line === undefined) return { model, present: [], absent: [] };
  const flags = new Set(line.split(' '));
  const known = Object.entries(features[arch === 'arm64' ? 'arm64' : 'x64']);
  const names = (isPresent: boolean) =>
    known.filter(([, flag]) => flags.has(flag) === isPresent).map(([name]) => name);
  return { model, present: names(true), absent: names(false) };
}

export function cpuFindings({ model, present, absent }: Cpu): Finding[] {
  if (present.length + absent.length === 0) return [ok('CPU', model)];
  const list = [`has ${present.join(', ') || 'none'}`, `lacks ${absent.join(', ') || 'none'}`];
  const value = list.join('; ');
  return [
    ok('CPU', model),
    absent.includes('AVX2')
      ? warn(
          'CPU features',
          value,
          'Use a CPU with AVX2: training is several times slower without.',
        )
      : ok('CPU features', value),
  ];
}
