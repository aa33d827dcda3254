import { compile } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { requireKernels } from '../../test/support/precisions.ts';
import {
  countOps,
  FLOAT,
  lowTypes,
  type RecordedOp,
  recordOps,
} from '../../test/support/record-ops.ts';
import { crossEntropy, momentum, type ResNetOptions, resNet } from '../../test/support/res-net.ts';
import { type AutocastOptions, autocast } from '../index.ts';
import { policy } from './policy.ts';

useTensorFlow();

/** The ops of a compiled training step: forward, backward and update. */
async function stepOps(options: ResNetOptions, precision?: AutocastOptions): Promise<RecordedOp[]> {
  const model = resNet(options);
  const optimizer = momentum(model.parameters, 0.1);
  let ops: RecordedOp[] = [];
  const step = ({ images, labels }: { images: tf.Tensor; labels: tf.Tensor }) => {
    const train = () => {
      const { value, grads } = tf.variableGrads(
        () => crossEntropy(labels, model.apply(images as tf.Tensor4D)),
        model.parameters,
      );
      optimizer.update(grads);
      return value;
    };
    const recorded = recordOps(() => (precision ? autocast(precision, train) : train()));
    ops = recorded.ops;
    return recorded.result;
  };
  const inputs = { images: { shape: [2, 16, 16, 3] }, labels: { shape: [2, options.classes] } };
  const compiled = await compile(step, { inputs });
  const images = new Float32Array(2 * 16 * 16 * 3).map((_, i) => Math.sin(i));
  const loss = await compiled.run({ images, labels: [1, 0, 0, 0, 0, 1, 0, 0] });
  expect(loss).toBeGreaterThan(0);
  await compiled.dispose();
  return ops;
}

/** The op MatMul is the gradient of a 1x1 convolution's filter alone. */
const isBackward = ({ name }: RecordedOp) => /Grad|Backprop|^MatMul$/.test(name);

/** The bytes of activations that the forward pass makes and the backward pass reads: four dimensions, and not the images. */
function activationBytes(ops: readonly RecordedOp[]): number {
  const first = ops.findIndex(isBackward);
  // What the backward pass reads, it may reshape or cast up first.
  const made = new Map(
    ops
      .filter(({ name }, i) => i > first && (name === 'Reshape' || name === 'Cast'))
      .map(({ inputs, outputs }) => [outputs[0]!.id, inputs[0]!] as const),
  );
  const origin = (id: number): number => (made.has(id) ? origin(made.get(id)!) : id);
  const read = new Set(
    ops
      .slice(first)
      .filter(isBackward)
      .flatMap(({ inputs }) => inputs.map(origin)),
  );
  return ops
    .slice(0, first)
    .flatMap(({ outputs }) => outputs)
    .filter(
      ({ id, shape }) => shape.length === 4 && shape[0] === 2 && shape[3] !== 3 && read.has(id),
    )
    .reduce(
      (sum, { shape, dtype }) => sum + tf.util.sizeFromShape(shape) * (dtype === FLOAT ? 4 : 2),
      0,
    );
}

const networks: [name: string, options: ResNetOptions][] = [
  ['two 3x3 convolutions', { channels: [8, 16, 32], blocks: 2, bottleneck: false, classes: 4 }],
  [
    'bottlenecks',
    { channels: [16, 32, 64, 128], blocks: 2, bottleneck: true, pooledStem: true, classes: 4 },
  ],
];

describe.each(networks)('a ResNet-D of %s', (_, options) => {
  const names = [
    ...['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'MatMul', 'BatchMatMulV2'],
    ...['FusedBatchNormV3', 'FusedBatchNormGradV3', 'Relu', 'ReluGrad', 'AvgPool', 'AvgPoolGrad'],
    ...(options.pooledStem ? ['MaxPool', 'MaxPoolGrad'] : ['PadV2']),
  ];

  test.for(['float16', 'bfloat16'] as const)(
    'compiled in %s: convolutions, gradients and all between them are in low precision',
    async (dtype, context) => {
      const precision = { dtype, native: 'fast' } as const;
      requireKernels(context, precision);
      const ops = await stepOps(options, precision);
      const reference = await stepOps(options);
      const counts = countOps(ops);
      const wideCounts = countOps(reference);
      for (const name of names) {
        expect(counts[`${name} ${dtype}`], name).toBe(wideCounts[`${name} float32`]);
        expect(counts[`${name} ${dtype}`], name).toBeGreaterThan(0);
        expect(counts[`${name} float32`], name).toBeUndefined();
      }

      const maker = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
      const casts = ops.filter(({ name }) => name === 'Cast');
      // No cast back and forth.
      for (const { inputs } of casts) expect(maker.get(inputs[0]!)?.name).not.toBe('Cast');
      // From low precision only weight gradients leave, the input of the global pool, and the classifier's products.
      const leaving = casts.filter(({ outputs }) => outputs[0]!.dtype === FLOAT);
      const sources = countOps(leaving.map(({ inputs }) => maker.get(inputs[0]!)!));
      expect(sources).toEqual({
        [`Conv2DBackpropFilter ${dtype}`]: wideCounts['Conv2DBackpropFilter float32'],
        [`MatMul ${dtype}`]: wideCounts['MatMul float32'],
        [`Relu ${dtype}`]: 1,
        [`BatchMatMulV2 ${dtype}`]: 3,
      });
      // Into it go each weight once, the images, the pooled features, two gradients, and what pads.
      const entering = casts.filter(({ outputs }) => outputs[0]!.dtype === lowTypes[dtype]);
      expect(entering.length).toBe(
        wideCounts['Conv2D float32']! + 1 + 4 + counts[`PadV2 ${dtype}`]!,
      );
      expect(activationBytes(ops)).toBeGreaterThan(0);
      expect(activationBytes(ops) / activationBytes(reference)).toBe(0.5);
    },
  );

  test.each(['float16', 'bfloat16'] as const)(
    'compiled in %s, emulated: what computes is float32 on rounded operands, what is kept is in low precision',
    async (dtype) => {
      const ops = await stepOps(options, { dtype, native: 'emulated' });
      const reference = await stepOps(options);
      const counts = countOps(ops);
      const wideCounts = countOps(reference);
      for (const name of names) {
        const type = policy[name]!.emulated ? 'float32' : dtype;
        expect(counts[`${name} ${type}`], name).toBe(wideCounts[`${name} float32`]);
        expect(Object.keys(counts).filter((key) => key.startsWith(`${name} `))).toHaveLength(1);
      }

      const maker = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
      const isRounded = (id: number) => {
        const { name, inputs } = maker.get(id)!;
        return name === 'Cast' && maker.get(inputs[0]!)!.outputs[0]!.dtype === lowTypes[dtype];
      };
      for (const { name, inputs } of ops) {
        const operands = policy[name]?.emulated && policy[name].operands;
        if (!Array.isArray(operands)) continue;
        for (const i of operands as number[]) expect(isRounded(inputs[i]!), name).toBe(true);
      }
      expect(activationBytes(ops)).toBeGreaterThan(0);
      expect(activationBytes(ops) / activationBytes(reference)).toBe(0.5);
    },
  );
});

test('a float32 activation would be noticed', async () => {
  const { ops } = recordOps(() =>
    tf.tidy(() => {
      const x = tf.ones([2, 4, 4, 5]);
      return tf.grad((y) => tf.relu(tf.relu(y)))(x);
    }),
  );
  expect(activationBytes(ops)).toBe(2 * 2 * 4 * 4 * 5 * 4);
});
