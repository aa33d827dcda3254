import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { sampleBeta, seededRandom } from '@bag-of-tricks/random';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Box, sampleBox } from './box.ts';
import { cutmix } from './cutmix.ts';

interface Golden {
  lambda: number;
  uniforms: number[];
  inputs: number[][][][];
  labels: number[][];
  mixedInputs: number[][][][];
  mixedLabels: number[][];
}
interface GoldenBox {
  height: number;
  width: number;
  box: Box;
  corrected: number;
}
const golden: { batches: Golden[]; boxes: GoldenBox[] } = JSON.parse(
  readFileSync(new URL('../fixtures/cutmix.json', import.meta.url), 'utf8'),
);

function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-6): void {
  expect(actual.shape).toEqual(expected.shape);
  const distance = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!;
  expect(distance).toBeLessThan(tolerance);
}

const toTensor = ({ top, left, bottom, right }: Box) =>
  tf.tensor1d([top, left, bottom, right], 'int32');

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  tf.engine().startScope();
  return () => {
    tf.engine().endScope();
    vi.restoreAllMocks();
  };
});

describe('golden', () => {
  test.each(golden.batches)(
    "equals timm at lambda $lambda with the box's centre at $uniforms",
    (example) => {
      const left = [...example.uniforms];
      const mixed = cutmix(tf.tensor4d(example.inputs), tf.tensor2d(example.labels), {
        lambda: example.lambda,
        random: () => left.shift()!,
      });
      expectClose(mixed.inputs, tf.tensor4d(example.mixedInputs), 1e-12);
      expectClose(mixed.labels, tf.tensor2d(example.mixedLabels));
    },
  );

  test("lambda is timm's corrected one for each box, as a number and as a tensor", () => {
    for (const { height, width, box, corrected } of golden.boxes.slice(0, 40)) {
      tf.tidy(() => {
        const images = tf.zeros([1, height, width, 1]);
        const labels = tf.ones([1, 1]);
        expect(cutmix(images, labels, { box }).lambda).toBeCloseTo(corrected, 12);
        const { lambda } = cutmix(images, labels, { box: toTensor(box) });
        expect(lambda.dataSync()[0]).toBeCloseTo(corrected, 6);
      });
    }
  });
});

describe('the box', () => {
  test('as a tensor gives the same images and labels as in numbers, and is handed back', () => {
    const images = tf.randomNormal([3, 6, 7, 2]);
    const labels = tf.eye(3);
    const box = { top: 1, left: 2, bottom: 4, right: 7 };
    const tensor = toTensor(box);
    const byNumbers = cutmix(images, labels, { box });
    const byTensor = cutmix(images, labels, { box: tensor });
    expect(byTensor.inputs.arraySync()).toEqual(byNumbers.inputs.arraySync());
    expectClose(byTensor.labels, byNumbers.labels);
    expect(byTensor.box).toBe(tensor);
    expect(byNumbers.box).toBe(box);
  });

  test('as a tensor over the edge is clipped, and lambda follows', () => {
    const box = tf.tensor1d([-2, 3, 2, 9], 'int32');
    const { lambda } = cutmix(tf.zeros([1, 4, 4, 1]), tf.ones([1, 1]), { box });
    expect(lambda.dataSync()[0]).toBe(1 - 2 / 16);
  });

  test('holds the partner inside and the image itself outside, for any size and order', () => {
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(size, size, fc.nat(), (height, width, seed) => {
        tf.tidy(() => {
          const random = seededRandom(seed);
          const images = tf.randomNormal([3, height, width, 2], 0, 1, 'float32', seed);
          const mixed = cutmix(images, tf.eye(3), { permutation: [1, 2, 0], random });
          const before = images.arraySync() as number[][][][];
          const after = mixed.inputs.arraySync() as number[][][][];
          const { top, left, bottom, right } = mixed.box;
          let kept = 0;
          for (let row = 0; row < height; row++) {
            for (let column = 0; column < width; column++) {
              const inside = top <= row && row < bottom && left <= column && column < right;
              if (!inside) kept++;
              for (let i = 0; i < 3; i++) {
                const source = inside ? (i + 1) % 3 : i;
                expect(after[i]![row]![column]).toEqual(before[source]![row]![column]);
              }
            }
          }
          expect(mixed.lambda).toBeCloseTo(kept / (height * width), 12);
          expectClose(tf.sum(mixed.labels, 1), tf.ones([3]));
        });
      }),
      { numRuns: 50 },
    );
  });

  test('empty leaves the batch as it is; whole gives the partners', () => {
    const images = tf.randomNormal([2, 3, 3, 1]);
    const labels = tf.eye(2);
    const none = cutmix(images, labels, { box: { top: 1, left: 1, bottom: 1, right: 1 } });
    expect(none.inputs.arraySync()).toEqual(images.arraySync());
    expect(none.lambda).toBe(1);
    const all = cutmix(images, labels, { box: { top: 0, left: 0, bottom: 3, right: 3 } });
    expect(all.inputs.arraySync()).toEqual(tf.reverse(images, 0).arraySync());
    expect(all.labels.arraySync()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test.each([
    { top: -1, left: 0, bottom: 2, right: 2 },
    { top: 0, left: 0, bottom: 5, right: 2 },
    { top: 2, left: 0, bottom: 1, right: 2 },
    { top: 0, left: 0.5, bottom: 1, right: 2 },
    { top: 0, left: 0, bottom: 1, right: Number.NaN },
  ])('is refused when it is $top, $left, $bottom, $right in 4 x 4 pixels', (box) => {
    expect(() => cutmix(tf.zeros([2, 4, 4, 1]), tf.eye(2), { box })).toThrow(
      /^cutmix: expected a box of whole pixels inside the image of 4 x 4/,
    );
  });

  test('is refused as a tensor of another dtype or shape', () => {
    for (const box of [tf.tensor1d([0, 0, 1, 1]), tf.tensor1d([0, 0, 1], 'int32')]) {
      expect(() => cutmix(tf.zeros([2, 4, 4, 1]), tf.eye(2), { box })).toThrow(
        /int32 and shape \[4\]/,
      );
    }
  });
});

describe('drawing', () => {
  test('draws lambda from Beta(alpha, alpha), 1 by default, then the box', () => {
    const expected = seededRandom(8);
    const random = seededRandom(8);
    const images = tf.zeros([2, 20, 30, 1]);
    for (const alpha of [1, 0.3]) {
      const lambda = sampleBeta(alpha, alpha, expected);
      const box = sampleBox({ height: 20, width: 30, lambda, random: expected });
      const options = alpha === 1 ? { random } : { alpha, random };
      expect(cutmix(images, tf.eye(2), options).box).toEqual(box);
    }
    expect(random()).toBe(expected());
  });

  test('alpha 0 is no mixing', () => {
    const images = tf.randomNormal([2, 3, 3, 1]);
    const mixed = cutmix(images, tf.eye(2), { alpha: 0, random: seededRandom(1) });
    expect(mixed.lambda).toBe(1);
    expect(mixed.inputs.arraySync()).toEqual(images.arraySync());
  });

  test('without box and random, with lambda and box, or with a bad lambda it says what is wrong', () => {
    const images = tf.zeros([2, 3, 3, 1]);
    const box = { top: 0, left: 0, bottom: 1, right: 1 };
    expect(() => cutmix(images, tf.eye(2))).toThrow(/^cutmix: expected random, because no box/);
    expect(() => cutmix(images, tf.eye(2), { lambda: 0.5, box })).toThrow(/got both/);
    expect(() => cutmix(images, tf.eye(2), { lambda: 2, random: seededRandom(0) })).toThrow(
      /^cutmix: expected lambda to be a number from 0 to 1, got 2/,
    );
  });
});

describe('input and tensors', () => {
  test('int32 images stay int32', () => {
    const images = tf.cast(tf.randomUniform([2, 4, 4, 3], 0, 255), 'int32');
    const mixed = cutmix(images, tf.oneHot([0, 1], 2), { lambda: 0.5, random: seededRandom(3) });
    expect(mixed.inputs.dtype).toBe('int32');
    expect(mixed.labels.dtype).toBe('float32');
  });

  test('what is not a batch of images with soft labels is refused', () => {
    const box = { top: 0, left: 0, bottom: 1, right: 1 };
    expect(() => cutmix(tf.zeros([2, 4]), tf.eye(2), { box })).toThrow(/height, width, channels\]/);
    expect(() => cutmix(tf.zeros([2, 0, 4, 1]), tf.eye(2), { box })).toThrow(
      /height, width, channels\]/,
    );
    expect(() => cutmix(tf.zeros([2, 4, 4, 1]), tf.tensor1d([0, 1], 'int32'), { box })).toThrow(
      /^cutmix: expected soft labels/,
    );
  });

  test('a call makes two tensors, and one more for lambda when the box is a tensor', () => {
    const images = tf.zeros([2, 4, 4, 1]);
    const labels = tf.eye(2);
    const box = { top: 0, left: 0, bottom: 1, right: 1 };
    const tensor = toTensor(box);
    const before = tf.memory().numTensors;
    cutmix(images, labels, { box });
    expect(tf.memory().numTensors).toBe(before + 2);
    cutmix(images, labels, { box: tensor, permutation: tf.tensor1d([1, 0], 'int32') });
    expect(tf.memory().numTensors).toBe(before + 6); // the permutation is the sixth
    expect([images, labels, tensor].some((t) => t.isDisposed)).toBe(false);
  });

  test('reads no tensor, so a step that holds it can be compiled', () => {
    const box = toTensor({ top: 0, left: 0, bottom: 2, right: 1 });
    const reads = vi.spyOn(tf.engine(), 'readSync');
    const { lambda } = cutmix(tf.zeros([2, 4, 4, 1]), tf.eye(2), { box });
    expect(reads).not.toHaveBeenCalled();
    lambda.dataSync();
    expect(reads).toHaveBeenCalledOnce();
  });
});
