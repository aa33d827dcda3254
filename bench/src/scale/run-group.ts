import { readFileSync } from 'node:fs';
import { freePorts } from '@bag-of-tricks/data-parallel';
import { type Command, runChild } from '../contestants/run-child.ts';
import type { TestNetwork } from './test-network.ts';

/** Where the processes of a group run. */
export interface GroupOptions {
  readonly size: number;
  /** Hosts of their own on a network of ours; null: the loopback. */
  readonly network: TestNetwork | null;
}

/** The cores that this process may run on, as Linux lists them: `0-2,5`. */
export function coresIn(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The cores of one of `size` processes: as many for each, and none for two, unless there are too few. */
export function coresOf(rank: number, size: number, cores: readonly number[]): number[] {
  const each = Math.max(1, Math.floor(cores.length / size));
  return Array.from({ length: each }, (_, i) => cores[(rank * each + i) % cores.length]!);
}

/**
 * Runs one command as a group of processes, each on cores of its own, and returns what each printed, by rank.
 *
 * @throws Error of the first that fails; the others are ended.
 */
export async function runGroup<T>(command: Command, { size, network }: GroupOptions): Promise<T[]> {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  const cores = coresIn(list!);
  const port = network ? 29_500 : (await freePorts(1))[0];
  const environment = (rank: number) => [
    `RANK=${rank}`,
    `WORLD_SIZE=${size}`,
    `MASTER_ADDR=${network?.addresses[0] ?? '127.0.0.1'}`,
    `MASTER_PORT=${port}`,
    `GLOO_SOCKET_IFNAME=${network?.interfaceName ?? 'lo'}`,
    'TF_CPP_MIN_LOG_LEVEL=2',
  ];
  const failed = new AbortController();
  const processes = Array.from({ length: size }, (_, rank) => {
    const pinned = [
      'taskset',
      '-c',
      coresOf(rank, size, cores).join(),
      command.file,
      ...command.args,
    ];
    const words = [...(network?.enter(rank) ?? []), 'env', ...environment(rank), ...pinned];
    return runChild<T>({ file: words[0]!, args: words.slice(1) }, failed.signal);
  });
  try {
    return await Promise.all(processes);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(processes);
    throw error;
  }
}
