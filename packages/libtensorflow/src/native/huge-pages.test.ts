import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { largeRanges, useHugePages } from './huge-pages.ts';

const line = (range: string, rest: string) => `${range} ${rest}\n`;

test('large anonymous ranges are cut to whole huge pages', () => {
  const maps = line('7f0000100000-7f0008100000', 'rw-p 00000000 00:00 0 ');
  expect(largeRanges(maps)).toEqual([{ start: 0x7f0000200000n, end: 0x7f0008000000n }]);
});

test('the heap counts; files, read-only, shared and small ranges do not', () => {
  const maps = [
    line('10000000-20000000', 'rw-p 00000000 00:00 0                          [heap]'),
    line('20000000-30000000', 'rw-p 00000000 08:01 77                         /lib/libc.so.6'),
    line('30000000-40000000', 'r--p 00000000 00:00 0 '),
    line('40000000-50000000', 'rw-s 00000000 00:00 0 '),
    line('50000000-50400000', 'rw-p 00000000 00:00 0 '),
    line('7ff000000000-7ff010000000', 'rw-p 00000000 00:00 0                  [stack]'),
  ].join('');
  expect(largeRanges(maps)).toEqual([{ start: 0x10000000n, end: 0x20000000n }]);
});

/** Kilobytes of this process's memory that stand in huge pages. */
function hugeKilobytes(): number {
  const sizes = readFileSync('/proc/self/smaps', 'latin1').matchAll(/^AnonHugePages:\s+(\d+) kB/gm);
  return [...sizes].reduce((sum, [, size]) => sum + Number(size), 0);
}

const enabled = () => {
  try {
    const file = '/sys/kernel/mm/transparent_hugepage/enabled';
    return !readFileSync(file, 'latin1').includes('[never]');
  } catch {
    return false;
  }
};

test.runIf(process.platform === 'linux' && enabled())(
  'memory that is used moves into huge pages and keeps its contents',
  async () => {
    const block = new Uint8Array(2 ** 27).fill(7);
    const before = hugeKilobytes();
    await useHugePages();
    expect(hugeKilobytes()).toBeGreaterThan(before);
    expect(block.every((value) => value === 7)).toBe(true);
  },
);
