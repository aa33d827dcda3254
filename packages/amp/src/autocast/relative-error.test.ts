import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { relativeError } from '../../test/support/relative-error.ts';
import { autocast, nativeDtype } from '../index.ts';

interface Values {
  readonly shape: number[];
  readonly values: number[];
}
interface Case {
  readonly name: string;
  readonly inputs: Values[];
  readonly dy: Values;
  readonly output: Values;
  readonly gradients: Values[];
}
const cases: Case[] = JSON.parse(
  readFileSync(new URL('../../fixtures/float64-ops.json', import.meta.url), 'utf8'),
);

/** Each op, on inputs that are in low precision where the op only follows. */
const ops: Record<string, (...inputs: tf.Tensor[]) => tf.Tensor> = {
  convolution: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
  'matrix product': (a, b) => tf.matMul(a!, b!),
  'batch norm': (x, scale, offset) =>
    (
      tf
        .engine()
        .runKernel(
          'FusedBatchNormV3',
          { x: low(x!), scale: scale!, offset: offset! },
          { epsilon: 1e-5, training: true },
        ) as tf.Tensor[]
    )[0]!,
  ReLU: (x) => tf.relu(low(x!)),
  'max pooling': (x) => tf.maxPool(low(x!) as tf.Tensor4D, 2, 2, 'valid'),
  'average pooling': (x) => tf.avgPool(low(x!) as tf.Tensor4D, 2, 2, 'valid'),
  'residual sum': (a, b) => tf.add(low(a!), low(b!)),
};

/** The values in low precision: a product with the identity matrix. */
function low(x: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const flat = tf.reshape(x, [-1, channels]);
  return tf.reshape(tf.matMul(flat, tf.eye(channels)), x.shape);
}

useTensorFlow();

describe.each([
  // Half a unit in the last place is 2 ** -11 and 2 ** -8 of a value; inputs, sums and outputs are rounded.
  { dtype: 'float16', least: 1e-5, most: 2e-3 },
  { dtype: 'bfloat16', least: 1e-4, most: 1.6e-2 },
] as const)('in $dtype', ({ dtype, least, most }) => {
  test.each(cases)('$name has the relative errors of the type, to float64', (one) => {
    const tensorOf = ({ shape, values }: Values) => tf.tensor(values, shape);
    const fn = ops[one.name]!;
    const inputs = one.inputs.map(tensorOf);
    const [output, type, ...gradients] = autocast({ dtype }, () => {
      const y = fn(...inputs);
      return [y, nativeDtype(y), ...tf.grads(fn)(inputs, tensorOf(one.dy))] as const;
    });
    expect(type).toBe(dtype);
    const errors = [output, ...(gradients as tf.Tensor[])].map((tensor, i) =>
      relativeError(tensor.dataSync(), [one.output, ...one.gradients][i]!.values),
    );
    for (const error of errors) expect(error).toBeLessThan(most);
    // Were all of it float32, no test of an upper limit would notice.
    expect(Math.max(...errors)).toBeGreaterThan(least);
  });
});

test('the fixture needs no tolerance in float32', () => {
  for (const one of cases) {
    const inputs = one.inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const error = relativeError(ops[one.name]!(...inputs).dataSync(), one.output.values);
    expect(error, one.name).toBeLessThan(1e-5);
  }
});
