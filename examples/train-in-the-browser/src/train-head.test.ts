import { mixup } from '@bag-of-tricks/mixup';
import { seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { predict, type Training, trainHead } from './train-head.ts';

vi.mock('@bag-of-tricks/mixup', async (original) => {
  const real = await original<{ mixup: typeof mixup }>();
  return { mixup: vi.fn(real.mixup) };
});

const width = 12;
const random = seededRandom('features');
/** Far from 0 and small in spread, as features of a network are: a class moves one of them. */
const drawn = (label: number) =>
  Float32Array.from({ length: width }, (_, i) => 50 + 0.1 * random() + (i === label ? 0.1 : 0));
const pictures = (counts: readonly number[]) =>
  counts.map((count, label) => Array.from({ length: count }, () => drawn(label)));

test('learns classes, tells how it goes, and leaves the head and no other tensor', async () => {
  const before = tf.memory().numTensors;
  const told: Training[] = [];
  const head = await trainHead(pictures([14, 13, 13]), {
    ...{ seed: 1, steps: 100, onStep: (training) => told.push(training) },
  });
  expect(tf.memory().numTensors).toBe(before + 2);
  expect(told.map(({ step }) => step)).toEqual(Array.from({ length: 10 }, (_, i) => 10 * (i + 1)));
  expect(told.at(-1)!.loss).toBeLessThan(told[0]!.loss);
  expect(told.at(-1)!.accuracy).toBe(1);
  const others = Array.from({ length: 60 }, (_, i) => i % 3);
  const right = await Promise.all(
    others.map(async (label) => {
      const probabilities = await predict(head, drawn(label));
      expect(probabilities.reduce((sum, one) => sum + one)).toBeCloseTo(1, 5);
      return probabilities.indexOf(Math.max(...probabilities)) === label;
    }),
  );
  expect(right.filter(Boolean).length).toBeGreaterThan(54);
  tf.dispose([head.weights, head.bias]);
  expect(tf.memory().numTensors).toBe(before);
});

test('each step mixes pictures, and the rate of learning rises first and ends at nothing', async () => {
  vi.mocked(mixup).mockClear();
  const losses: number[] = [];
  const head = await trainHead(pictures([14, 13, 13]), {
    ...{ seed: 1, steps: 400, onStep: ({ loss }) => losses.push(loss) },
  });
  tf.dispose([head.weights, head.bias]);
  expect(mixup).toHaveBeenCalledTimes(400);
  for (const [, , options] of vi.mocked(mixup).mock.calls) expect(options?.alpha).toBe(0.2);
  const [first, ...later] = losses;
  expect(first).toBeGreaterThan(2 * later[0]!);
  expect(Math.abs(later.at(-1)! - later.at(-2)!)).toBeLessThan(1e-4);
});

test('the seed alone decides', async () => {
  const examples = pictures([8, 8]);
  const trained = async (seed: number) => {
    const head = await trainHead(examples, { seed, steps: 20 });
    const values = await head.weights.data();
    tf.dispose([head.weights, head.bias]);
    return values;
  };
  expect(await trained(1)).toEqual(await trained(1));
  expect(await trained(2)).not.toEqual(await trained(1));
});

test('pictures that are all the same give each class its share', async () => {
  const same = new Float32Array(width).fill(1);
  const examples = [
    [same, same, same, same],
    [same, same],
  ];
  const head = await trainHead(examples, { seed: 1, steps: 100 });
  const [first] = await predict(head, same);
  // Of smoothed labels.
  expect(first).toBeCloseTo(0.9 * (4 / 6) + 0.05, 2);
  tf.dispose([head.weights, head.bias]);
});

test('features that are not finite are an error that leaves no tensor', async () => {
  const broken = new Float32Array(width).fill(Number.NaN);
  const before = tf.memory().numTensors;
  await expect(trainHead([[broken], [broken]], { seed: 1 })).rejects.toThrow(
    'expected a finite loss, got NaN in step 10',
  );
  expect(tf.memory().numTensors).toBe(before);
});
