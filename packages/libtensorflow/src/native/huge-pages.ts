import { readFile } from 'node:fs/promises';
import koffi from 'koffi';

/** From Linux's mman.h. */
const MADV_HUGEPAGE = 14;
const MADV_COLLAPSE = 25;
const HUGE_PAGE = 2n ** 21n;

/** Smaller ranges hold no activations worth the call. */
const SMALLEST_RANGE = 2n ** 25n;

/** Part of this process's memory, from `start` to before `end`. */
export interface MemoryRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The anonymous, writable ranges in a text of the form of /proc/self/maps that are large, cut to whole huge pages. */
export function largeRanges(maps: string): MemoryRange[] {
  const ranges = maps.matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *(?:\[heap\]|\[anon:.*\])?$/gm,
  );
  return [...ranges]
    .map(([, start, end]) => ({
      start: (BigInt(`0x${start}`) + HUGE_PAGE - 1n) & -HUGE_PAGE,
      end: BigInt(`0x${end}`) & -HUGE_PAGE,
    }))
    .filter(({ start, end }) => end - start >= SMALLEST_RANGE);
}

const advised = new Set<string>();

/**
 * Moves the memory that this process holds into pages of 2 MiB, and asks for such pages where these ranges grow, as far as the kernel (Linux 6.1)
 * does so. TensorFlow keeps its regions for activations for good, and a step walks through all of them: with pages of
 * 4 KiB finding the addresses costs some per cent of it. Runs on another thread; nothing is read or written, and a refusal changes nothing.
 */
export async function useHugePages(): Promise<void> {
  if (process.platform !== 'linux') return;
  const maps = await readFile('/proc/self/maps', 'latin1').catch(() => '');
  const madvise = koffi.load(null).func('int madvise(uintptr_t, size_t, int)');
  const advise = ({ start, end }: MemoryRange, advice: number) =>
    new Promise<void>((resolve) => madvise.async(start, end - start, advice, () => resolve()));
  for (const range of largeRanges(maps)) {
    const key = `${range.start}-${range.end}`;
    if (advised.has(key)) continue;
    advised.add(key);
    await advise(range, MADV_HUGEPAGE);
    await advise(range, MADV_COLLAPSE);
  }
}
