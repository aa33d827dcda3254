import { expect, test } from 'vitest';
import { createProgressBar, formatProgress } from './progress-bar.ts';

const job = (isTTY: boolean, columns?: number) => {
  const written: string[] = [];
  const clock = { ms: 0 };
  const bar = createProgressBar(
    { isTTY, write: (text) => written.push(text), ...(columns !== undefined && { columns }) },
    { title: 'train', now: () => clock.ms },
  );
  return { written, clock, bar };
};

test('a line shows the share, the speed of what is new and the time that is left', () => {
  const line = (done: number, total: number, seconds: number, columns?: number) =>
    formatProgress('val', { done, total, kept: Math.min(done, 10) }, { seconds, columns });
  expect(line(30, 60, 10)).toBe('val [============            ] 30/60 (50%)  2.0/s  ETA: 0:00:15');
  expect(line(10, 60, 10)).toContain('0.0/s  ETA: -:--:--');
  expect(line(0, 0, 0)).toContain('(100%)');
  expect(line(30, 60, 10, 50)).toBe('val 30/60 (50%)  2.0/s  ETA: 0:00:15');
  expect(line(30, 60, 10, 10)).toBe('val 30/60 ');
});

test('on a terminal the bar is drawn over itself, ten times a second, and ends with a new line', () => {
  const { written, clock, bar } = job(true);
  for (let done = 0; done <= 100; done++) {
    clock.ms = 10 * done;
    bar.update({ done, total: 100, kept: 0 });
  }
  expect(written).toHaveLength(11);
  expect(written.every((text) => text.startsWith('\r\u001b[K'))).toBe(true);
  expect(written.at(-1)).toMatch(/100\/100 .*\n$/);
});

test('a line that is printed stands above the bar', () => {
  const { written, bar } = job(true);
  bar.update({ done: 1, total: 100, kept: 0 });
  bar.print('Skipped: a.jpg');
  expect(written.at(-1)).toContain('\r\u001b[KSkipped: a.jpg\ntrain [ ');
  expect(written.at(-1)).toContain('] 1/100 (1%)');
});

test('a terminal that says it has no columns is as wide as a line', () => {
  const { written, bar } = job(true, 0);
  bar.update({ done: 1, total: 100, kept: 0 });
  expect(written.at(-1)).toContain('] 1/100 (1%)');
});

test('elsewhere there is a line for each tenth', () => {
  const { written, bar } = job(false);
  for (let done = 0; done <= 1000; done++) bar.update({ done, total: 1000, kept: 0 });
  bar.print('Skipped: a.jpg');
  expect(written).toHaveLength(12);
  expect(written.at(-1)).toBe('Skipped: a.jpg\n');
});
