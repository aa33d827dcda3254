import {
  type Binding,
  bindingConstants,
  DataType,
  EagerBinding,
  type NodeBackend,
  type OpAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { defaultTimeout } from './cluster.ts';

/** Options of `allReduce`. */
export interface AllReduceOptions {
  /** How many processes take part. */
  readonly size: number;
  /** Their mean, or their sum. Default: `mean`. */
  readonly result?: 'mean' | 'sum';
  /** Type on the wire: half the bytes, and gradients rounded to it before they are added. Default: `float32`. */
  readonly wire?: 'float32' | 'bfloat16' | 'float16';
  /** Bytes, in float32, from which on a bucket is full; a collective for each would be slow, and one for all could not begin before the last is there. Default: 8 MiB. */
  readonly bucketBytes?: number;
  /** Seconds that the others have to join a collective, as of the cluster. `together` says then who did not; TensorFlow itself gives up a minute later. Default: 600. */
  readonly timeout?: number | undefined;
}

const wireTypes = { float32: DataType.FLOAT, bfloat16: DataType.BFLOAT16, float16: DataType.HALF };

/** TensorFlow's name for all processes together. */
const groupKey = 1;

/** Collectives that were traced in this process: each has a number of its own, the same in all processes, for these trace the same in the same order. */
let collectives = 0;

/**
 * The means over all processes of float32 tensors of the same names and shapes, in a graph that is compiled for TensorFlow's distributed
 * runtime (`CollectiveReduceV2`: a ring of gRPC between CPUs, NCCL between GPUs):
 *
 *     mean = (t_0 + t_1 + ... + t_{size-1}) / size
 *
 * The tensors are joined into buckets, the last ones first, as a backward pass computes them, so that the exchange of one bucket goes on
 * while the next one is computed. All processes get the same numbers, bit for bit.
 *
 * @returns A function for one trace after the other: all processes must call it with the same tensors in the same order.
 *
 * @example
 * ```ts no-run
 * import { allReduce } from '@bag-of-tricks/data-parallel';
 * import { compile } from '@bag-of-tricks/graph';
 *
 * const cluster = { addresses: ['10.0.0.1:2222', '10.0.0.2:2222'], rank: 0 };
 * const mean = allReduce({ size: 2, wire: 'bfloat16' });
 * const step = await compile(({ gradient }) => mean({ gradient }).gradient!, {
 *   inputs: { gradient: { shape: [3] } },
 *   session: { cluster },
 * });
 * console.log(await step.run({ gradient: [1, 2, 3] })); // once both processes are here
 * ```
 *
 * Source: Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms"; the buckets are those of Li et al. 2020, "PyTorch Distributed".
 *
 * @throws Error - outside of `compile`, where nothing connects the processes.
 */
export function allReduce({
  size,
  result = 'mean',
  wire = 'float32',
  bucketBytes = 8 * 2 ** 20,
  timeout = defaultTimeout,
}: AllReduceOptions): (tensors: tf.NamedTensorMap) => tf.NamedTensorMap {
  const reduce = (bucket: tf.Tensor1D) =>
    collective(bucket, { size, timeout, result, wire: wireTypes[wire] });
  return (tensors) =>
    tf.tidy(() => {
      const entries = Object.entries(tensors).reverse();
      const reduced = bucketsOf(entries, bucketBytes).flatMap((bucket) => {
        const flat = tf.concat(bucket.map(([, tensor]) => tf.reshape(tensor, [-1]) as tf.Tensor1D));
        const sizes = bucket.map(([, tensor]) => tensor.size);
        const parts = tf.split(reduce(flat), sizes);
        return bucket.map(([name, { shape }], i) => [name, tf.reshape(parts[i]!, shape)] as const);
      });
      const byName = Object.fromEntries(reduced);
      return Object.fromEntries(Object.keys(tensors).map((name) => [name, byName[name]!]));
    });
}

type Named = readonly [name: string, tensor: tf.Tensor];

function bucketsOf(entries: readonly Named[], bucketBytes: number): Named[][] {
  const buckets: Named[][] = [];
  let room = 0;
  for (const entry of entries) {
    if (room <= 0) {
      buckets.push([]);
      room = bucketBytes;
    }
    buckets.at(-1)!.push(entry);
    room -= 4 * entry[1].size;
  }
  return buckets;
}

interface Collective {
  readonly size: number;
  readonly timeout: number;
  readonly result: 'mean' | 'sum';
  /** The type on the wire, as TensorFlow numbers it. */
  readonly wire: number;
}

function collective(tensor: tf.Tensor1D, { size, timeout, result, wire }: Collective): tf.Tensor1D {
  const backend = tf.backend() as NodeBackend;
  const { binding } = backend;
  if (binding instanceof EagerBinding) {
    throw new Error(
      'allReduce: expected to be called while compile traces a function, for nothing else connects the processes, got tensors with values. Call it inside of the function, and give compile { session: { cluster } }.',
    );
  }
  const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE } =
    bindingConstants;
  hearOfType(binding, wire);
  const int = (value: number) => binding.createTensor([], DataType.INT32, Int32Array.of(value));
  const execute = (op: string, attributes: OpAttribute[], inputs: number[]) =>
    binding.executeOp(op, attributes, inputs, 1)[0]!.id;
  const cast = (id: number, from: number, to: number) =>
    from === to ? id : execute('Cast', castTypes(from, to), [id]);
  const sent = cast(backend.getInputTensorIds([tensor])[0]!, DataType.FLOAT, wire);
  const received = execute(
    'CollectiveReduceV2',
    [
      { name: 'T', type: TF_ATTR_TYPE, value: wire },
      { name: 'merge_op', type: TF_ATTR_STRING, value: 'Add' },
      { name: 'final_op', type: TF_ATTR_STRING, value: result === 'mean' ? 'Div' : 'Id' },
      { name: 'communication_hint', type: TF_ATTR_STRING, value: 'auto' },
      // At times it crashes when it gives up (seen in a ring of three), so `together` is to be first.
      { name: 'timeout_seconds', type: TF_ATTR_FLOAT, value: timeout + 60 },
      { name: 'is_stateless', type: TF_ATTR_BOOL, value: false },
      { name: 'max_subdivs_per_device', type: TF_ATTR_INT, value: -1 },
    ],
    [sent, int(size), int(groupKey), int(++collectives)],
  );
  const output = { id: cast(received, wire, DataType.FLOAT), dtype: DataType.FLOAT };
  return backend.createOutputTensor({ ...output, shape: tensor.shape }) as tf.Tensor1D;
}

const castTypes = (from: number, to: number): OpAttribute[] => [
  { name: 'SrcT', type: bindingConstants.TF_ATTR_TYPE, value: from },
  { name: 'DstT', type: bindingConstants.TF_ATTR_TYPE, value: to },
];

const heardOf = new Set<number>([DataType.FLOAT]);

/** Lets TensorFlow say now, where nobody listens, that this CPU has no fast kernels for the type: it says so once a process, as an error, and what is sent needs none. */
function hearOfType(binding: Binding, type: number): void {
  if (heardOf.has(type)) return;
  heardOf.add(type);
  binding.probe((eager) => {
    const one = eager.createTensor([1, 1], DataType.FLOAT, Float32Array.of(1));
    const low = eager.executeOp('Cast', castTypes(DataType.FLOAT, type), [one], 1)[0]!.id;
    const product = eager.executeOp(
      'MatMul',
      [{ name: 'T', type: bindingConstants.TF_ATTR_TYPE, value: type }],
      [low, low],
      1,
    )[0]!.id;
    for (const id of [one, low, product]) eager.deleteTensor(id);
  });
}
