import { totalmem } from 'node:os';

/** Bytes that this process may use: the machine's memory, or the limit of its container. */
export function machineMemory(total = totalmem(), limit = process.constrainedMemory()): number {
  // Without a limit it is 0 or a number beyond all memory.
  return limit > 0 ? Math.min(total, limit) : total;
}

/** Bytes for people. */
export const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
