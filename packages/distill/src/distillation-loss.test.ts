import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DistillationLossOptions, distillationLoss } from './distillation-loss.ts';

interface Golden {
  name: string;
  temperature: number;
  hardWeight: number;
  labels: number[][];
  student: number[][];
  teacher: number[][];
  hard: number;
  kl: number;
  crossEntropy: number;
  hardGradient: number[][];
  softGradient: number[][];
  paper: { loss: number; gradient: number[][] };
  convex: { loss: number; gradient: number[][] };
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/distillation.json', import.meta.url), 'utf8'),
);

function scalarOf(tensor: tf.Scalar): number {
  expect(tensor.shape).toEqual([]);
  return tensor.dataSync()[0]!;
}

function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected));
}

/** To 1e-5 of the largest entry, or to the rounding of T * (q - p), whose FP32 probabilities carry about 1e-7 each. */
function expectGradient(actual: tf.Tensor, expected: number[][], temperature: number): void {
  const truth = tf.tensor2d(expected);
  expect(actual.shape).toEqual(truth.shape);
  const error = tf.max(tf.abs(tf.sub(actual, truth))).dataSync()[0]!;
  const largest = tf.max(tf.abs(truth)).dataSync()[0]!;
  expect(error).toBeLessThanOrEqual(
    Math.max(1e-5 * largest, (1e-7 * temperature) / truth.shape[0]),
  );
}

function gradientOf(
  part: 'loss' | 'hard' | 'soft',
  { labels, student, teacher }: Golden,
  options: DistillationLossOptions,
): tf.Tensor {
  const p = tf.tensor2d(labels);
  const r = tf.tensor2d(teacher);
  return tf.grad((z) => distillationLoss(p, z, r, options)[part])(tf.tensor2d(student));
}

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

describe.each(golden)('PyTorch, $name', (example) => {
  const { temperature, hardWeight } = example;
  const tensors = () =>
    [
      tf.tensor2d(example.labels),
      tf.tensor2d(example.student),
      tf.tensor2d(example.teacher),
    ] as const;

  test('the hard term, both values of the soft term and both forms agree', () => {
    const kl = distillationLoss(...tensors(), { temperature });
    expectRelative(scalarOf(kl.hard), example.hard, 1e-5);
    expectRelative(scalarOf(kl.soft), example.kl, 1e-4);
    expectRelative(scalarOf(kl.loss), example.hard + example.kl, 1e-5);
    const paper = distillationLoss(...tensors(), { temperature, value: 'crossEntropy' });
    expectRelative(scalarOf(paper.soft), example.crossEntropy, 1e-5);
    expectRelative(scalarOf(paper.loss), example.paper.loss, 1e-5);
    const convex = distillationLoss(...tensors(), {
      temperature,
      hardWeight,
      form: 'convex',
      value: 'crossEntropy',
    });
    expectRelative(scalarOf(convex.loss), example.convex.loss, 1e-5);
    expectRelative(scalarOf(convex.soft), example.crossEntropy, 1e-5);
  });

  test("the student's gradient agrees, for each term, form and value", () => {
    for (const value of ['kl', 'crossEntropy'] as const) {
      const paper = { temperature, value };
      const convex = { temperature, value, hardWeight, form: 'convex' } as const;
      expectGradient(gradientOf('hard', example, paper), example.hardGradient, temperature);
      expectGradient(gradientOf('soft', example, paper), example.softGradient, temperature);
      expectGradient(gradientOf('loss', example, paper), example.paper.gradient, temperature);
      expectGradient(gradientOf('loss', example, convex), example.convex.gradient, temperature);
    }
  });
});

describe('golden facts of the paper', () => {
  test('at T = 20 and 1000 classes the cross-entropy starts at 400 ln 1000 = 2763.1 and KL at 0', () => {
    const zeros = tf.zeros([2, 1000]);
    const labels = tf.oneHot([3, 999], 1000);
    const { soft } = distillationLoss(labels, zeros, zeros, { value: 'crossEntropy' });
    expectRelative(scalarOf(soft), 400 * Math.log(1000), 1e-6);
    expect(scalarOf(distillationLoss(labels, zeros, zeros).soft)).toBe(0);
    const untrained = tf.randomNormal([2, 1000], 0, 0.1, 'float32', 1);
    const teacher = tf.randomNormal([2, 1000], 0, 3, 'float32', 2);
    const start = distillationLoss(labels, untrained, teacher, { value: 'crossEntropy' });
    expectRelative(scalarOf(start.soft), 2763, 0.01);
  });

  test('temperature 20 and the form with both weights 1 are the defaults', () => {
    const [first] = golden;
    const loss = distillationLoss(
      tf.tensor2d(first!.labels),
      tf.tensor2d(first!.student),
      tf.tensor2d(first!.teacher),
      { value: 'crossEntropy' },
    );
    expect(first!.temperature).toBe(20);
    expectRelative(scalarOf(loss.loss), first!.paper.loss, 1e-5);
  });

  test('the convex form at its default weight is half of the paper’s', () => {
    const { labels, student, teacher } = golden[0]!;
    const tensors = [tf.tensor2d(labels), tf.tensor2d(student), tf.tensor2d(teacher)] as const;
    const paper = scalarOf(distillationLoss(...tensors).loss);
    const convex = scalarOf(distillationLoss(...tensors, { form: 'convex' }).loss);
    expectRelative(convex, paper / 2, 1e-6);
  });

  test('hard weight 1 is the labels’ loss alone and 0 the teacher’s', () => {
    const { labels, student, teacher } = golden[0]!;
    const tensors = [tf.tensor2d(labels), tf.tensor2d(student), tf.tensor2d(teacher)] as const;
    const hardOnly = distillationLoss(...tensors, { form: 'convex', hardWeight: 1 });
    expect(scalarOf(hardOnly.loss)).toBe(scalarOf(hardOnly.hard));
    const softOnly = distillationLoss(...tensors, { form: 'convex', hardWeight: 0 });
    expect(scalarOf(softOnly.loss)).toBe(scalarOf(softOnly.soft));
  });
});

describe('gradients go to the student alone', () => {
  test('labels and teacher, as variables, get none', () => {
    const labels = tf.variable(tf.eye(3), true, 'labels');
    const student = tf.variable(tf.randomNormal<tf.Rank.R2>([3, 3]), true, 'student');
    const teacher = tf.variable(tf.randomNormal<tf.Rank.R2>([3, 3]), true, 'teacher');
    try {
      const { grads } = tf.variableGrads(
        () => distillationLoss(labels, student, tf.mul(teacher, 2)).loss,
        [labels, student, teacher],
      );
      expect(Object.keys(grads)).toEqual(['student']);
    } finally {
      tf.dispose([labels, student, teacher]);
    }
  });

  test('the gradient runs on through the student’s network', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, -1],
    ]);
    const teacher = tf.tensor2d([
      [2, 0, 1],
      [0, 1, 3],
    ]);
    const labels = tf.oneHot([0, 2], 3);
    const w = tf.tensor2d([
      [0.1, -0.2, 0.3],
      [0.2, 0.1, -0.1],
    ]);
    const lossAt = (w: tf.Tensor) =>
      distillationLoss(labels, tf.matMul(x, w as tf.Tensor2D), teacher, { temperature: 3 }).loss;
    const slope = tf.grad(lossAt)(w).arraySync() as number[][];
    for (const [row, column] of [
      [0, 0],
      [1, 2],
    ] as const) {
      const step = tf.buffer([2, 3]);
      step.set(1e-2, row, column);
      const difference = tf.sub(
        lossAt(tf.add(w, step.toTensor())),
        lossAt(tf.sub(w, step.toTensor())),
      );
      expect(difference.dataSync()[0]! / 2e-2).toBeCloseTo(slope[row]![column]!, 2);
    }
  });

  test('there are second derivatives too', () => {
    const labels = tf.tensor2d([[0.7, 0.3]]);
    const teacher = tf.tensor2d([[1, -1]]);
    const slope = tf.grad((z) => distillationLoss(labels, z, teacher, { temperature: 1 }).loss);
    // Both terms have the slope q - target in z_0, so its own slope is 2 q (1 - q).
    const curvature = tf.grad((z) => tf.slice(slope(z), [0, 0], [1, 1]))(tf.tensor2d([[0.5, 0]]));
    const q = 1 / (1 + Math.exp(-0.5));
    expect(curvature.dataSync()[0]).toBeCloseTo(2 * q * (1 - q), 5);
  });
});

describe('numerical safety', () => {
  const logits = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  const row = fc.array(logits, { minLength: 5, maxLength: 5 });
  const temperature = fc.constantFrom(0.001, 0.5, 1, 20, 1000);

  test('logits to 1e4 at any temperature: all finite, KL never negative', () => {
    fc.assert(
      fc.property(row, row, temperature, (student, teacher, temperature) => {
        tf.tidy(() => {
          const labels = tf.oneHot([2], 5);
          for (const value of ['kl', 'crossEntropy'] as const) {
            const options = { temperature, value };
            const parts = distillationLoss(
              labels,
              tf.tensor2d([student]),
              tf.tensor2d([teacher]),
              options,
            );
            for (const part of [parts.loss, parts.hard, parts.soft]) {
              expect(Number.isFinite(scalarOf(part))).toBe(true);
              expect(scalarOf(part)).toBeGreaterThanOrEqual(0);
            }
            const lossOf = (z: tf.Tensor) =>
              distillationLoss(labels, z, tf.tensor2d([teacher]), options).loss;
            const slope = tf
              .grad(lossOf)(tf.tensor2d([student]))
              .dataSync();
            expect(slope.every(Number.isFinite)).toBe(true);
          }
        });
      }),
    );
  });

  test('a student equal to its teacher, but for a shift, has KL 0 and no slope', () => {
    const teacher = tf.tensor2d([
      [3, -7, 0.25, 8],
      [1, 1, 1, 1],
    ]);
    const labels = tf.oneHot([0, 1], 4);
    const student = tf.add(teacher, 16);
    expect(scalarOf(distillationLoss(labels, student, teacher).soft)).toBeLessThan(1e-9);
    const slope = tf.grad((z) => distillationLoss(labels, z, teacher).soft)(student);
    expect(tf.max(tf.abs(slope)).dataSync()[0]).toBeLessThan(1e-5);
  });

  test('many images: the mean does not depend on how often the batch is repeated', () => {
    const { labels, student, teacher } = golden[0]!;
    const repeat = (rows: number[][]) => tf.tile(tf.tensor2d(rows), [50, 1]);
    const once = distillationLoss(tf.tensor2d(labels), tf.tensor2d(student), tf.tensor2d(teacher));
    const often = distillationLoss(repeat(labels), repeat(student), repeat(teacher));
    expectRelative(scalarOf(often.loss), scalarOf(once.loss), 1e-5);
  });
});

describe('bad input', () => {
  const call = (options: object) => () =>
    distillationLoss(tf.eye(2), tf.eye(2), tf.eye(2), options as DistillationLossOptions);

  test.each([0, -20, Number.NaN, Infinity, 1e-4, 1e4])(
    'the temperature %s is refused',
    (temperature) => {
      expect(call({ temperature })).toThrow(
        /^distillationLoss: expected temperature to be a number from/,
      );
    },
  );

  test.each([-0.1, 1.1, Number.NaN])('the hard weight %s is refused', (hardWeight) => {
    expect(call({ form: 'convex', hardWeight })).toThrow(
      /expected hardWeight to be a number from 0 to 1/,
    );
  });

  test('a hard weight for the paper’s form, unknown forms and values are refused', () => {
    expect(call({ hardWeight: 0.5 })).toThrow(/expected no hardWeight with form 'paper'/);
    expect(call({ form: 'mean' })).toThrow(/expected form to be 'paper' or 'convex', got mean/);
    expect(call({ value: 'ce' })).toThrow(/expected value to be 'kl' or 'crossEntropy', got ce/);
  });

  test('class indices are refused with the way out', () => {
    const indices = tf.tensor1d([0, 1], 'int32');
    expect(() => distillationLoss(indices, tf.zeros([2, 7]), tf.zeros([2, 7]))).toThrow(
      /Call tf\.oneHot\(labels, 7\)/,
    );
  });

  test('shapes and dtypes that do not fit are refused', () => {
    const two = tf.zeros([2, 3]);
    const other = tf.zeros([2, 4]);
    expect(() => distillationLoss(two, two, other)).toThrow(
      /expected teacherLogits of shape \[2,3\] as studentLogits, got \[2,4\]/,
    );
    expect(() => distillationLoss(other, two, two)).toThrow(/expected labels of shape \[2,3\]/);
    expect(() => distillationLoss(two, tf.zeros([2, 3, 1]), two)).toThrow(
      /expected studentLogits of shape/,
    );
    const empty = tf.zeros([0, 3]);
    expect(() => distillationLoss(empty, empty, empty)).toThrow(/neither of them 0/);
    expect(() => distillationLoss(two, two, tf.zeros([2, 3], 'bool'))).toThrow(
      /expected teacherLogits of dtype float32 or int32, got bool/,
    );
  });
});

describe('tensors', () => {
  test('a call makes exactly its three scalars and disposes no input', () => {
    const inputs = [tf.oneHot([0, 1], 2), tf.eye(2), tf.eye(2)] as const;
    const before = tf.memory().numTensors;
    distillationLoss(...inputs);
    expect(tf.memory().numTensors).toBe(before + 3);
    expect(inputs.some((tensor) => tensor.isDisposed)).toBe(false);
  });

  test('a gradient keeps nothing but value and gradients', () => {
    const student = tf.variable(tf.eye(2));
    try {
      const before = tf.memory().numTensors;
      const { value, grads } = tf.variableGrads(
        () => distillationLoss(tf.eye(2), student, tf.eye(2)).loss,
      );
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([value, ...Object.values(grads)]);
    } finally {
      student.dispose();
    }
  });

  test('reads no tensor, so a step that holds it can be compiled', () => {
    const z = tf.eye(2);
    const reads = vi.spyOn(tf.engine(), 'readSync');
    tf.grad((z) => distillationLoss(tf.eye(2), z, tf.eye(2)).loss)(z);
    expect(reads).not.toHaveBeenCalled();
    z.dataSync();
    expect(reads).toHaveBeenCalledOnce();
  });
});
