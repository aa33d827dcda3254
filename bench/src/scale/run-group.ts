import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { type Command, runChild } from '../contestants/run-child.ts';
import type { TestNetwork } from './test-network.ts';

/** Where the processes of a group run. */
export interface GroupOptions {
  readonly size: number;
  /** Hosts of their own on a network of ours; null: the loopback. */
  readonly network: TestNetwork | null;
}

/** The cores of one of `size` processes, as taskset has them: as many for each, none for two, unless there are too few. */
export function coresOf(rank: number, size: number, cores = availableParallelism()): string {
  const each = Math.max(1, Math.floor(cores / size));
  return Array.from({ length: each }, (_, i) => (rank * each + i) % cores).join();
}

/**
 * Runs one command as a group of processes, each on cores of its own, and returns what each printed, by rank.
 *
 * @throws Error of the first that fails; the others are ended.
 */
export async function runGroup<T>(command: Command, { size, network }: GroupOptions): Promise<T[]> {
  const port = network ? 29_500 : await freePort();
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
    const pinned = ['taskset', '-c', coresOf(rank, size), command.file, ...command.args];
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
