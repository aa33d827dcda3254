import { totalmem } from 'node:os';
import type { TensorFlowApi } from './api.ts';
import { DataType } from './data-type.ts';
import { koffi } from './koffi.ts';

/** From Linux's mman.h. */
const MADV_HUGEPAGE = 14;
const HUGE_PAGE = 2n ** 21n;

/** A sixteenth of the memory: its allocator takes 3 % of a block, used or not, for its own lists. */
export function defaultReserve(memory = totalmem(), limit = process.constrainedMemory()): number {
  // Without a limit, constrainedMemory returns 0 or a number beyond all memory.
  const usable = limit > 0 ? Math.min(memory, limit) : memory;
  return Math.floor(usable / 16);
}

/**
 * Makes TensorFlow's allocator take a block of `bytes` and asks the kernel to back it by pages of 2 MiB. The allocator keeps its blocks for good and
 * takes activations out of them; a training step walks through all of those, and with pages of 4 KiB finding their
 * addresses costs some per cent of it. Only addresses are reserved: memory is taken as it is used. Returns whether the
 * kernel agreed; elsewhere than on Linux, or where so many addresses are not to be had, nothing happens.
 */
export function reserveHugePages(
  api: TensorFlowApi,
  bytes: number,
  os: string = process.platform,
): boolean {
  if (os !== 'linux') return false;
  const libc = koffi.load(null);
  const malloc = libc.func('void *malloc(size_t)');
  const free = libc.func('void free(void *)');
  const madvise = libc.func('int madvise(uintptr_t, size_t, int)');
  // TensorFlow itself would fill the log if it could not have it.
  const attempt = malloc(bytes);
  if (attempt === null) return false;
  free(attempt);
  const size = Math.floor(bytes / 4);
  const tensor = api.TF_AllocateTensor(DataType.FLOAT, BigInt64Array.of(BigInt(size)), 1, 4 * size);
  if (tensor === null) return false;
  const address = api.TF_TensorData(tensor) ?? 0n;
  const start = (address + HUGE_PAGE - 1n) & -HUGE_PAGE;
  const end = (address + BigInt(4 * size)) & -HUGE_PAGE;
  const agreed = address > 0n && end > start && madvise(start, end - start, MADV_HUGEPAGE) === 0;
  api.TF_DeleteTensor(tensor);
  return agreed;
}
