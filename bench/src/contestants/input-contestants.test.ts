import { expect, test } from 'vitest';
import { findInputContestants, INPUT_CONTESTANTS } from './input-contestants.ts';
import type { InputSpec } from './input-spec.ts';

const spec: InputSpec = {
  folder: '/photographs',
  transform: 'train',
  antialias: false,
  batchSize: 64,
  imageSize: 224,
  resizeTo: 256,
  imagesPerEpoch: 1600,
  epochs: 3,
  seed: 1,
};

test('all contestants are told the same input, and only how to load it differs', () => {
  const ways = INPUT_CONTESTANTS.map((contestant) => {
    const { args } = contestant.command(spec, 'python3');
    const { decoder, workers, jpeg, ...same } = JSON.parse(args.at(-1)!);
    expect(same).toEqual(spec);
    return JSON.stringify({ decoder, workers, jpeg });
  });
  expect(new Set(ways).size).toBe(INPUT_CONTESTANTS.length);
});

test('torchvision has 1, 2 and 4 workers with each decoder; an unknown contestant is an error', () => {
  const names = INPUT_CONTESTANTS.filter(({ side }) => side === 'torchvision');
  expect(names.map(({ name }) => name)).toEqual([
    'pillow-1',
    'pillow-2',
    'pillow-4',
    'torchvision-1',
    'torchvision-2',
    'torchvision-4',
  ]);
  expect(() => findInputContestants(['dali'])).toThrow(/ours, ours-fast, pillow-1.*got "dali"/);
});
