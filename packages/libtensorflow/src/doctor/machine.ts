import { existsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { freeBytes, gigabytes } from '../library/disk.ts';
import type { Machine } from '../library/platform.ts';
import { type Finding, ok, warn } from './finding.ts';

const enoughMemory = 2e9;

/** How many threads compute, and how many read files and call native code for the event loop. */
export function threadFindings(env: NodeJS.ProcessEnv): Finding[] {
  const perCore = 'one a core';
  const value = [
    `${availableParallelism()} cores`,
    `intra-op ${env.TF_NUM_INTRAOP_THREADS ?? perCore}`,
    `inter-op ${env.TF_NUM_INTEROP_THREADS ?? perCore}`,
    `UV_THREADPOOL_SIZE ${env.UV_THREADPOOL_SIZE ?? '4 (default)'}`,
  ];
  return [ok('Threads', value.join(', '))];
}

/** oneDNN's kernels, which TensorFlow's build for macOS lacks: TensorFlow leaves them off on CPUs without AVX-512, this package turns them on. */
export function oneDnnFindings(env: NodeJS.ProcessEnv, { os }: Machine): Finding[] {
  if (os === 'darwin') return [];
  const setting = env.TF_ENABLE_ONEDNN_OPTS;
  if (setting === undefined) return [ok('oneDNN', 'on')];
  const value = `TF_ENABLE_ONEDNN_OPTS=${setting}`;
  if (/^(1|true)$/i.test(setting)) return [ok('oneDNN', `on (${value})`)];
  const remedy = 'Unset TF_ENABLE_ONEDNN_OPTS: convolutions are up to twice as fast with oneDNN.';
  return [warn('oneDNN', `off (${value})`, remedy)];
}

/** The memory; macOS counts as free only what holds nothing, not even what it would give up at once, so there it is not judged. */
export function memoryFinding({ os }: Machine, total = totalmem(), free = freemem()): Finding {
  if (os === 'darwin') return ok('Memory', `${gigabytes(total)} GB`);
  const value = `${gigabytes(total)} GB, ${gigabytes(free)} GB free`;
  return free >= enoughMemory
    ? ok('Memory', value)
    : warn('Memory', value, 'Close other programs, or train with a smaller batch.');
}

/** The free disk where the library is cached, against what an installation needs. */
export async function diskFinding(cacheDir: string, neededBytes: number): Promise<Finding> {
  let folder = cacheDir;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const free = await freeBytes(folder);
  const value = `${gigabytes(free)} GB free in ${cacheDir}`;
  if (free >= neededBytes) return ok('Disk', value);
  const remedy = `Free some space, or set XDG_CACHE_HOME to a larger disk: ${gigabytes(neededBytes)} GB are needed.`;
  return warn('Disk', value, remedy);
}
