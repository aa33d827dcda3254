import { type DrawFor, drawStep } from '@bag-of-tricks/train-step';
import { expect, test } from 'vitest';
import { trickParts } from '../../test/trick-parts.ts';
import { parseConfig } from '../config/parse.ts';
import type { TrainConfigInput } from '../config/schema.ts';

const tricks = await trickParts(
  parseConfig({ dataset: 'synthetic', epochs: 10, mixup: { alpha: 0.2, lastEpochsOff: 2 } }),
);

function lambda(at: Partial<DrawFor> = {}): number {
  const place = { epoch: 3, epochs: 10, imageShape: [8, 8, 1], seed: 7, step: 0 } as const;
  return drawStep(tricks, { ...place, ...at }).lambda as number;
}

test('lambda depends on seed, epoch and step alone', () => {
  const draws = [0, 1, 2].map((step) => lambda({ step }));
  expect([0, 1, 2].map((step) => lambda({ step }))).toEqual(draws);
  expect(new Set(draws).size).toBe(3);
  expect(lambda({ seed: 8 })).not.toBe(draws[0]);
  expect(lambda({ epoch: 4 })).not.toBe(draws[0]);
});

test('lambda follows Beta(0.2, 0.2): mean 0.5, variance 0.1786', () => {
  const draws = Array.from({ length: 20_000 }, (_, step) => lambda({ epoch: 0, step }));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  // Five standard errors of the mean and of the variance at this sample size.
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
  expect(Math.abs(variance - 0.1786)).toBeLessThan(0.004);
});

test('in the last epochs, where it is off, lambda is 1; without mixup nothing is drawn', async () => {
  expect(lambda({ epoch: 8 })).toBe(1);
  expect(lambda({ epoch: 7 })).not.toBe(1);
  const without = await trickParts(parseConfig({ dataset: 'synthetic', mixup: null }));
  const place = { epoch: 0, epochs: 10, imageShape: [8, 8, 1], seed: 7, step: 0 } as const;
  expect(drawStep(without, place)).toEqual({});
});

const place: DrawFor = { epoch: 2, epochs: 5, imageShape: [8, 8, 1], seed: 7, step: 3 };

test("switching another trick off leaves the others' draws alone", async () => {
  const draws = async (changes: TrainConfigInput) =>
    drawStep(
      await trickParts(parseConfig({ dataset: 'synthetic', mixup: { alpha: 1 }, ...changes })),
      place,
    );
  const { lambda } = await draws({});
  expect(lambda).toBeGreaterThan(0);
  const augmented = {
    labelSmoothing: false,
    gradientClipping: true,
    gradientAccumulation: { steps: 2 },
  };
  expect(await draws(augmented)).toEqual({ lambda });
  const both = await draws({ cutmix: { share: 0 } });
  expect(both).toEqual({ lambda, box: [0, 0, 0, 0] });
  const { box } = await draws({ mixup: null, cutmix: { share: 0 } });
  expect(await draws({ cutmix: { share: 1 } })).toEqual({ lambda: 1, box });
  expect(box).not.toEqual([0, 0, 0, 0]);
});
