import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { nvidiaGpus } from '@bag-of-tricks/libtensorflow';
import { ConfigError } from '../errors.ts';

/** The numbers of a list such as `0-2,8`, as Linux writes CPUs. */
export function parseCpuList(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** CPUs in a row for each process, and what does not divide for the first ones; where there are fewer than processes, they take turns. */
export function shareCpus(cpus: readonly number[], processes: number): number[][] {
  const count = cpus.length;
  const from = (rank: number) => Math.ceil((rank * count) / processes);
  return Array.from({ length: processes }, (_, rank) =>
    count < processes ? [cpus[rank % count]!] : cpus.slice(from(rank), from(rank + 1)),
  );
}

/** The CPUs that this process may use, those of one core and of one socket in a row; null where Linux does not say. */
function ownCpus(): number[] | null {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const cpus = parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!);
    const topology = (cpu: number, name: string) =>
      Number(readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/${name}`, 'utf8'));
    const places = cpus.map((cpu) => ({
      cpu,
      socket: topology(cpu, 'physical_package_id'),
      core: topology(cpu, 'core_id'),
    }));
    places.sort((a, b) => a.socket - b.socket || a.core - b.core || a.cpu - b.cpu);
    return places.map(({ cpu }) => cpu);
  } catch {
    return null;
  }
}

/** A process's part of this machine. */
export interface Share {
  /** What starts a program on it. */
  readonly by: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly description: string;
}

/** The GPUs that each process gets, one a process. Null where there are none. */
export function shareGpus(gpus: readonly string[], processes: number): readonly string[] | null {
  if (gpus.length === 0) return null;
  if (gpus.length >= processes) return gpus.slice(0, processes);
  throw new ConfigError(
    `--processes: expected at most ${gpus.length}, one for each GPU, got ${processes}. Give fewer, or CUDA_VISIBLE_DEVICES="" to train on the CPU`,
  );
}

async function ownGpus(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const { CUDA_VISIBLE_DEVICES: visible } = environment;
  if (visible !== undefined) return visible.split(',').filter((gpu) => gpu && gpu !== '-1');
  const gpus = await nvidiaGpus(environment);
  return Array.isArray(gpus) ? gpus.map((_, i) => String(i)) : [];
}

/**
 * Shares the machine among processes: a GPU for each, if there are any, and as many cores for each, by `taskset` or else by the number of threads.
 *
 * @throws ConfigError when there are fewer GPUs than processes.
 */
export async function shareMachine(
  processes: number,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Share[]> {
  const gpus = shareGpus(await ownGpus(environment), processes);
  const cpus = spawnSync('taskset', ['--version']).error ? null : ownCpus();
  const lists = cpus && shareCpus(cpus, processes);
  const threads = String(Math.max(1, Math.floor(availableParallelism() / processes)));
  return Array.from({ length: processes }, (_, rank) => {
    const list = lists?.[rank]?.join();
    const gpu = gpus?.[rank];
    const place = list === undefined ? `${threads} thread(s)` : `CPU ${list}`;
    return {
      by: list === undefined ? [] : ['taskset', '--cpu-list', list],
      environment: {
        ...(list === undefined && { TF_NUM_INTRAOP_THREADS: threads }),
        ...environment,
        ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }),
      },
      description: gpu === undefined ? place : `GPU ${gpu} with ${place}`,
    };
  });
}
