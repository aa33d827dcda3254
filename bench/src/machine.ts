import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** The computer that a measurement was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** What the CPU offers of the instructions that matter. */
  readonly flags: Readonly<Record<(typeof FLAGS)[number], boolean>>;
  /** Mean number of running tasks in the last minute, before the measurement: well below 1 on a quiet machine. */
  readonly loadBefore: number;
}

/** As /proc/cpuinfo writes them. */
const FLAGS = [
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_bf16',
  // Of ARM.
  'bf16',
] as const;

/** Reads which of the flags are in the text of /proc/cpuinfo; false where there is none, as outside of Linux. */
export function cpuFlags(cpuinfo: string): Machine['flags'] {
  const present = new Set(/^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.split(' ') ?? []);
  return Object.fromEntries(FLAGS.map((flag) => [flag, present.has(flag)])) as Machine['flags'];
}

/** Describes this computer. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    flags: cpuFlags(readCpuinfo()),
    loadBefore: loadavg()[0]!,
  };
}

function readCpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
