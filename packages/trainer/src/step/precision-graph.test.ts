import { resolvePrecision } from '@bag-of-tricks/amp';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { Binding, TensorMetadata } from '@bag-of-tricks/libtensorflow/native';
import {
  createTrainStep,
  type Network,
  type TrainStep,
  type TrickParts,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { trickParts } from '../../test/trick-parts.ts';
import { parseConfig } from '../config/parse.ts';
import { builtIn, tricksOf } from '../config/schema.ts';
import { mixedPrecision } from '../tricks/amp.ts';
import { buildNetwork, buildOptimizer } from '../tricks/recipe.ts';

const batchSize = 32;
const numClasses = 1000;
const FLOAT = 1;
const lowTypes = { bfloat16: 14, float16: 19 } as const;
type Dtype = keyof typeof lowTypes;

/** An op as it was added to the graph, with the types that TensorFlow inferred. */
interface Op {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly TensorMetadata[];
}

/** The step, noting the ops that it adds to a graph, beneath any autocast. */
function recorded(step: TrainStep, ops: Op[]): TrainStep {
  return (inputs) => {
    const backend = tf.backend() as unknown as { binding: Binding };
    const inner = backend.binding;
    const executeOp: Binding['executeOp'] = (name, attributes, ids, outputCount) => {
      const outputs = inner.executeOp(name, attributes, ids, outputCount);
      ops.push({ name, inputs: [...ids], outputs: outputs.map((output) => ({ ...output })) });
      return outputs;
    };
    // The binding of a graph is a plain object.
    backend.binding = { ...inner, executeOp };
    try {
      return step(inputs);
    } finally {
      backend.binding = inner;
    }
  };
}

/** The tricks of a device with kernels of its own for every type: whether this one has them, the graph need not know, as it does not run. */
async function tricksFor(dtype: Dtype | null, network: Network): Promise<TrickParts[]> {
  const tricks = await trickParts(parseConfig({ dataset: 'synthetic' }), { network });
  if (dtype === null) return tricks;
  const probe = { dtype, native: 'fast', error: null, timeOverFloat32: null } as const;
  return [...tricks, mixedPrecision(resolvePrecision({ dtype, lossScale: null }), probe)];
}

/** The ops of the paper's recipe for ResNet-50-D at 224 pixels, compiled and not run. */
async function graphOps(dtype: Dtype | null): Promise<Op[]> {
  const config = parseConfig({ dataset: 'synthetic', model: 'resnet50d' });
  const configured = tricksOf(config, builtIn);
  const network = buildNetwork(
    config,
    { known: builtIn, on: configured },
    { numClasses, inputChannels: 3 },
  );
  const optimizer = buildOptimizer(network, config, configured);
  const pixels = { mean: [124, 116, 104], std: [58, 57, 57] };
  const tricks = await tricksFor(dtype, network);
  const ops: Op[] = [];
  const step = recorded(createTrainStep({ network, optimizer, tricks, pixels, numClasses }), ops);
  const scalar = { shape: [], dtype: 'float32' } as const;
  const compiled = await compile(step as (inputs: object) => tf.NamedTensorMap, {
    inputs: {
      images: { shape: [batchSize, 224, 224, 3], dtype: 'uint8' },
      labels: { shape: [batchSize], dtype: 'int32' },
      learningRate: scalar,
      lambda: scalar,
    },
  });
  await compiled.dispose();
  network.dispose();
  optimizer.dispose();
  for (const { dispose } of tricks) dispose?.();
  return ops;
}

const count = (keys: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

/** The op MatMul is the gradient of a 1x1 convolution's filter alone. */
const isBackward = ({ name }: Op) => /Grad|Backprop|^MatMul$/.test(name);

/** What the backward pass reads; what was reshaped for a MatMul by its first id. */
function readBackward(ops: readonly Op[]): number[] {
  const reshaped = new Map(
    ops
      .filter(({ name }) => name === 'Reshape')
      .map(({ inputs, outputs }) => [outputs[0]!.id, inputs[0]!] as const),
  );
  return ops
    .filter(isBackward)
    .flatMap(({ name, inputs }) =>
      name === 'MatMul' ? inputs.map((id) => reshaped.get(id)!) : inputs,
    );
}

/** A feature map, and not the images. */
const isActivation = ({ shape }: TensorMetadata) =>
  shape.length === 4 && shape[0] === batchSize && shape[3]! > 3;

/** The activations that the forward pass makes and the backward pass reads. */
function keptActivations(ops: readonly Op[]): TensorMetadata[] {
  const first = ops.findIndex(isBackward);
  const read = new Set(readBackward(ops));
  return ops
    .slice(0, first)
    .flatMap(({ outputs }) => outputs)
    .filter((output) => isActivation(output) && read.has(output.id));
}

const mebibytes = (tensors: readonly TensorMetadata[]) => {
  const bytes = tensors.map(
    ({ shape, dtype }) => tf.util.sizeFromShape(shape) * (dtype === FLOAT ? 4 : 2),
  );
  return Math.round((10 * bytes.reduce((sum, one) => sum + one, 0)) / 2 ** 20) / 10;
};

describe('the compiled step of ResNet-50-D', { tags: ['slow'] }, () => {
  let reference: Op[];
  beforeAll(async () => {
    await registerTensorFlowBackend();
    reference = await graphOps(null);
  });

  test('in float32 keeps 3,003 MiB of activations at batch 32', () => {
    expect(mebibytes(keptActivations(reference))).toBe(3003.5);
  });

  describe.each(['bfloat16', 'float16'] as const)('in %s', (dtype) => {
    const low = lowTypes[dtype];
    let ops: Op[];
    let maker: Map<number, Op>;
    beforeAll(async () => {
      ops = await graphOps(dtype);
      maker = new Map(ops.flatMap((op) => op.outputs.map(({ id }) => [id, op] as const)));
    });

    test('has every convolution, its two gradients and all between them in low precision', () => {
      const types = (name: string, list: readonly Op[]) =>
        count(list.filter((op) => op.name === name).map(({ outputs }) => `${outputs[0]!.dtype}`));
      for (const [name, times] of Object.entries({
        Conv2D: 55,
        Conv2DBackpropInput: 54,
        Conv2DBackpropFilter: 19,
        MatMul: 36,
        BatchMatMulV2: 3,
        FusedBatchNormV3: 55,
        FusedBatchNormGradV3: 55,
        Relu: 51,
        ReluGrad: 51,
        MaxPool: 1,
        MaxPoolGrad: 1,
        AvgPool: 3,
        AvgPoolGrad: 3,
      })) {
        expect(types(name, reference), name).toEqual({ [FLOAT]: times });
        expect(types(name, ops), name).toEqual({ [low]: times });
      }
      // The residual sums and those of their gradients.
      const sums = ops.filter(({ name, outputs }) => name === 'Add' && isActivation(outputs[0]!));
      expect(count(sums.map(({ outputs }) => `${outputs[0]!.dtype}`))).toEqual({ [low]: 32 });
    });

    test('casts only where the low precision begins and ends', () => {
      const casts = ops.filter(({ name }) => name === 'Cast');
      const source = ({ inputs }: Op) => maker.get(inputs[0]!)?.name ?? 'weight or constant';
      const entering = casts.filter(({ outputs }) => outputs[0]!.dtype === low);
      expect(count(entering.map(source))).toEqual({
        // 55 filters and the classifier once each, and what the four paddings pad with.
        'weight or constant': 60,
        // The images, padded for the first convolution.
        PadV2: 1,
        // Into the classifier: pooled features; back: the gradients of the logits and of the pooled features.
        Mean: 1,
        Mul: 1,
        Tile: 1,
      });
      const leaving = casts.filter(
        ({ inputs, outputs }) =>
          outputs[0]!.dtype === FLOAT &&
          maker.get(inputs[0]!)?.outputs.some(({ id, dtype }) => id === inputs[0] && dtype === low),
      );
      const classifier = leaving.filter((one) => source(one) === 'BatchMatMulV2').length;
      expect(count(leaving.map(source))).toEqual({
        Conv2DBackpropFilter: 19,
        MatMul: 36,
        // Into the global average pool.
        Relu: 1,
        BatchMatMulV2: classifier,
      });
      // Logits, and gradients of the classifier's weight and input; with loss scaling the weight's is looked at and used.
      expect(classifier).toBe(dtype === 'float16' ? 4 : 3);
      expect(leaving.filter(({ outputs }) => isActivation(outputs[0]!))).toHaveLength(1);
    });

    test('keeps no float32 activation for the backward pass: half the memory', () => {
      const kept = keptActivations(ops);
      expect(kept).toHaveLength(keptActivations(reference).length);
      expect(count(kept.map(({ dtype: type }) => `${type}`))).toEqual({ [low]: 115 });
      expect(mebibytes(kept)).toBe(1501.7);
    });

    test('reads no float32 feature map in the backward pass, not even as a gradient', () => {
      const outputs = new Map(ops.flatMap((op) => op.outputs.map((one) => [one.id, one] as const)));
      const read = readBackward(ops)
        .flatMap((id) => outputs.get(id) ?? [])
        .filter(isActivation);
      expect(read.length).toBeGreaterThan(300);
      expect(count(read.map(({ dtype: type }) => `${type}`))).toEqual({ [low]: read.length });
    });
  });
});
