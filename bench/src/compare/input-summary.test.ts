import { expect, test } from 'vitest';
import { inputRatio, summarizeInput } from './input-summary.ts';

const round = (...epochSeconds: number[]) => ({
  images: 1000 * epochSeconds.length,
  epochSeconds,
  cpuSeconds: 4,
});
const summary = (name: string, ...rounds: ReturnType<typeof round>[]) =>
  summarizeInput({ name, side: name === 'ours' ? 'ours' : 'torchvision' }, rounds);

test('a round counts as its median epoch, a contestant as its median round', () => {
  const { imagesPerSecond, cpuMsPerImage, cores } = summary(
    'ours',
    round(1, 0.5, 0.5),
    round(2, 1, 1),
    round(0.625, 0.625, 0.625),
  );
  expect(imagesPerSecond).toEqual({ median: 1600, min: 1000, max: 2000 });
  expect(cpuMsPerImage.median).toBeCloseTo(4 / 3);
  expect(cores).toEqual({ median: 2, min: 1, max: 4 / 1.875 });
});

test('the ratio is over the best mode, whose target depends on antialias', () => {
  const summaries = [
    summary('ours', round(0.5)),
    summary('pillow-2', round(1)),
    summary('torchvision-2', round(0.7)),
  ];
  const plain = inputRatio(summaries, { antialias: false });
  expect(plain).toMatchObject({ over: 'torchvision-2', target: 1.6, reached: false });
  expect(plain!.median).toBeCloseTo(1.4);
  expect(inputRatio(summaries, { antialias: true })).toMatchObject({ target: 1.25, reached: true });
});

test('alone nobody is ahead', () => {
  expect(inputRatio([summary('ours', round(1))], { antialias: true })).toBeNull();
  expect(inputRatio([summary('pillow-1', round(1))], { antialias: true })).toBeNull();
});
