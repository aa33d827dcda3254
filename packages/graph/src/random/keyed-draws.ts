import { createHash } from 'node:crypto';
import {
  bindingConstants,
  DataType,
  type NodeBackend,
  type TensorMetadata,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type * as tf from '@tensorflow/tfjs-core';
import { type Draw, integers, requireFinite, requireNumeric } from './draw.ts';
import { floatBelow } from './float-below.ts';
import { TemporaryOps } from './temporary-ops.ts';

const nativeTypes = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  bool: DataType.BOOL,
} as const;
/** Draws by TensorFlow's stateless ops, whose numbers depend on their key alone: (seed, place, the op's seed; step). */
export class KeyedDraws {
  readonly #backend: NodeBackend;
  readonly #seed: number;
  readonly #step: tf.Variable;
  #places = 0;
  #stepId: number | undefined;

  constructor(backend: NodeBackend, seed: number, step: tf.Variable) {
    this.#backend = backend;
    this.#seed = seed;
    this.#step = step;
  }

  /** Tensors drawn so far. */
  get count(): number {
    return this.#places;
  }

  /** @throws TypeError or RangeError - for a type or a range that no number of that type is in. */
  draw(draw: Draw): tf.Tensor {
    const dtype = nativeTypes[requireNumeric(draw)];
    const ops = new TemporaryOps(this.#backend.binding);
    try {
      const key = this.#onHost(() => this.#key(ops, draw.seed));
      const shape = ops.constant(DataType.INT32, Int32Array.from(draw.shape), [draw.shape.length]);
      return this.#backend.createOutputTensor(ops.keep(numbers(ops, draw, dtype, [shape, key])));
    } finally {
      ops.dispose();
    }
  }

  dispose(): void {
    if (this.#stepId !== undefined) this.#backend.binding.deleteTensor(this.#stepId);
  }

  /** TensorFlow's kernels read the key in host memory. */
  #onHost<T>(action: () => T): T {
    const { binding } = this.#backend;
    return binding.onHost ? binding.onHost(action) : action();
  }

  /** 128 bits, which TensorFlow scrambles: a hash of what is known now, and the step. */
  #key(ops: TemporaryOps, seed: readonly number[]): number {
    const identity = JSON.stringify([this.#seed, this.#places++, ...seed]);
    const hash = createHash('sha256').update(identity).digest().readBigInt64LE();
    const id = ops.constant(DataType.INT64, BigInt64Array.of(hash), []);
    this.#stepId ??= this.#castStep();
    const attributes = [
      { name: 'N', type: bindingConstants.TF_ATTR_INT, value: 2 },
      typeAttribute('T', DataType.INT64),
    ];
    return ops.run('Pack', attributes, [id, this.#stepId]).id;
  }

  #castStep(): number {
    const ops = new TemporaryOps(this.#backend.binding);
    const ids = this.#backend.getInputTensorIds([this.#step]);
    return ops.keep(ops.cast(ids[0]!, DataType.INT32, DataType.INT64)).id;
  }
}

function numbers(
  ops: TemporaryOps,
  { op, distribution }: Draw,
  dtype: number,
  inputs: readonly number[],
): TensorMetadata {
  requireFinite(op, distribution);
  if (distribution.kind !== 'uniform') {
    const { kind, mean, stdDev } = distribution;
    const name = kind === 'normal' ? 'StatelessRandomNormal' : 'StatelessTruncatedNormal';
    const drawn = ops.run(name, types(DataType.FLOAT), inputs);
    const moved = shifted(ops, drawn, stdDev, mean);
    if (dtype === DataType.FLOAT) return moved;
    const rounded = ops.run('Round', [typeAttribute('T', DataType.FLOAT)], [moved.id]);
    return ops.cast(rounded.id, DataType.FLOAT, dtype);
  }
  const { min, range } = distribution;
  if (dtype === DataType.FLOAT) {
    const drawn = ops.run('StatelessRandomUniform', types(DataType.FLOAT), inputs);
    const moved = shifted(ops, drawn, range, min);
    // The sum may round up to the bound, which is not in the range; a product alone does not.
    if (min === 0 || range <= 0) return moved;
    return ops.float('Minimum', moved.id, floatBelow(min + range));
  }
  const bounds = integers(op, min, min + range).map((bound) =>
    ops.constant(DataType.INT32, Int32Array.of(bound), []),
  );
  const drawn = ops.run('StatelessRandomUniformInt', types(DataType.INT32), [...inputs, ...bounds]);
  return dtype === DataType.INT32 ? drawn : ops.cast(drawn.id, DataType.INT32, dtype);
}

/** scale * x + offset. */
function shifted(
  ops: TemporaryOps,
  x: TensorMetadata,
  scale: number,
  offset: number,
): TensorMetadata {
  const scaled = scale === 1 ? x : ops.float('Mul', x.id, scale);
  return offset === 0 ? scaled : ops.float('AddV2', scaled.id, offset);
}

function types(dtype: number) {
  return [
    typeAttribute('dtype', dtype),
    typeAttribute('T', DataType.INT32),
    typeAttribute('Tseed', DataType.INT64),
  ];
}
