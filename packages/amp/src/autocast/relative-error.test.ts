import { readFileSync } from 'node:fs';
import { compile } from '@bag-of-tricks/graph';
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
  describe.each([
    ['as the device is seen to do it', undefined],
    ['emulated', 'emulated'],
  ] as const)('%s', (_, native) => {
    test.each(
      cases.flatMap((one) => [
        { ...one, way: 'eager' },
        { ...one, way: 'compiled' },
      ]),
    )('$name, $way, has the relative errors of the type, to float64', async ({ way, ...one }) => {
      const fn = ops[one.name]!;
      const run = ({ dy, ...inputs }: Record<string, tf.Tensor>): Results =>
        autocast({ dtype, ...(native && { native }) }, () => {
          const y = fn(...Object.values(inputs));
          expect(nativeDtype(y)).toBe(dtype);
          return { y, gradients: tf.grads(fn)(Object.values(inputs), dy) };
        });
      const values = way === 'eager' ? runEager(run, one) : await runCompiled(run, one);
      expect(values).toHaveLength(1 + one.gradients.length);
      const errors = values.map((actual, i) =>
        relativeError(actual, [one.output, ...one.gradients][i]!.values),
      );
      for (const error of errors) expect(error).toBeLessThan(most);
      // Were all of it float32, no test of an upper limit would notice.
      expect(Math.max(...errors)).toBeGreaterThan(least);
    });
  });
});

/** A name for each input, in an order that is that of the op. */
function tensorsOf({ inputs, dy }: Case): Record<string, tf.Tensor> {
  const named = { ...Object.fromEntries(inputs.map((one, i) => [`input${i}`, one])), dy };
  return Object.fromEntries(
    Object.entries(named).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
}

interface Results {
  readonly y: tf.Tensor;
  readonly gradients: readonly tf.Tensor[];
}

function runEager(run: (inputs: Record<string, tf.Tensor>) => Results, one: Case) {
  const { y, gradients } = run(tensorsOf(one));
  return [y, ...gradients].map((tensor) => tensor.dataSync());
}

async function runCompiled(run: (inputs: Record<string, tf.Tensor>) => Results, one: Case) {
  const tensors = tensorsOf(one);
  const inputs = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => [name, { shape }]),
  );
  const named = (traced: Record<string, tf.Tensor>) => {
    const { y, gradients } = run(traced);
    return Object.fromEntries([y, ...gradients].map((tensor, i) => [`result${i}`, tensor]));
  };
  const compiled = await compile(named, { inputs });
  const results = await compiled.run(tensors);
  await compiled.dispose();
  return Object.values(results).map((result) =>
    typeof result === 'number' ? [result] : result.values,
  );
}

test('the fixture needs no tolerance in float32', () => {
  for (const one of cases) {
    const inputs = one.inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const error = relativeError(ops[one.name]!(...inputs).dataSync(), one.output.values);
    expect(error, one.name).toBeLessThan(1e-5);
  }
});
