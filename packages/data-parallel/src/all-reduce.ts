import { bindingConstants, DataType, type NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

/** Options of `allReduce`. */
export interface AllReduceOptions {
  /** How many processes take part. */
  readonly size: number;
  /** Type on the wire: half the bytes, and gradients rounded to it before they are added. Default: `float32`. */
  readonly wire?: 'float32' | 'bfloat16' | 'float16';
  /** Bytes, in float32, from which on a bucket is full; a collective for each would be slow, and one for all could not begin before the last is there. Default: 8 MiB. */
  readonly bucketBytes?: number;
  /** Seconds after which a collective that others do not join is an error. Default: 600. */
  readonly timeout?: number;
}

const wireTypes = { float32: DataType.FLOAT, bfloat16: DataType.BFLOAT16, float16: DataType.HALF };

/** TensorFlow's name for all processes together. */
const groupKey = 1;

/**
 * The means over all processes of tensors of the same names and shapes, in a graph that is compiled for TensorFlow's distributed runtime:
 *
 *     mean = (t_0 + t_1 + ... + t_{size-1}) / size
 *
 * The tensors are joined into buckets, the last ones first, as a backward pass computes them, so that the exchange of one bucket goes on
 * while the next one is computed.
 *
 * @returns A function for one trace after the other: all processes must call it with the same tensors in the same order.
 *
 * @throws Error - outside of `compile`, where nothing connects the processes.
 */
export function allReduce({
  size,
  wire = 'float32',
  bucketBytes = 8 * 2 ** 20,
  timeout = 600,
}: AllReduceOptions): (tensors: tf.NamedTensorMap) => tf.NamedTensorMap {
  let instanceKey = 0;
  const mean = (bucket: tf.Tensor1D) =>
    collectiveMean(bucket, { size, timeout, wire: wireTypes[wire], instanceKey: ++instanceKey });
  return (tensors) =>
    tf.tidy(() => {
      const entries = Object.entries(tensors).reverse();
      const means = bucketsOf(entries, bucketBytes).flatMap((bucket) => {
        const flat = tf.concat(bucket.map(([, tensor]) => tf.reshape(tensor, [-1]) as tf.Tensor1D));
        const sizes = bucket.map(([, tensor]) => tensor.size);
        const parts = tf.split(mean(flat), sizes);
        return bucket.map(([name, { shape }], i) => [name, tf.reshape(parts[i]!, shape)] as const);
      });
      const byName = Object.fromEntries(means);
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
  readonly instanceKey: number;
  readonly timeout: number;
  readonly wire: number;
}

function collectiveMean(
  tensor: tf.Tensor1D,
  { size, instanceKey, timeout, wire }: Collective,
): tf.Tensor1D {
  const backend = tf.backend() as NodeBackend;
  const { binding } = backend;
  const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE } =
    bindingConstants;
  const int = (value: number) => binding.createTensor([], DataType.INT32, Int32Array.of(value));
  const cast = (id: number, from: number, to: number) =>
    from === to
      ? id
      : binding.executeOp(
          'Cast',
          [
            { name: 'SrcT', type: TF_ATTR_TYPE, value: from },
            { name: 'DstT', type: TF_ATTR_TYPE, value: to },
          ],
          [id],
          1,
        )[0]!.id;
  const sent = cast(backend.getInputTensorIds([tensor])[0]!, DataType.FLOAT, wire);
  const [received] = binding.executeOp(
    'CollectiveReduceV2',
    [
      { name: 'T', type: TF_ATTR_TYPE, value: wire },
      { name: 'merge_op', type: TF_ATTR_STRING, value: 'Add' },
      { name: 'final_op', type: TF_ATTR_STRING, value: 'Div' },
      { name: 'communication_hint', type: TF_ATTR_STRING, value: 'auto' },
      { name: 'timeout_seconds', type: TF_ATTR_FLOAT, value: timeout },
      { name: 'is_stateless', type: TF_ATTR_BOOL, value: false },
      { name: 'max_subdivs_per_device', type: TF_ATTR_INT, value: -1 },
    ],
    [sent, int(size), int(groupKey), int(instanceKey)],
    1,
  );
  const id = cast(received!.id, wire, DataType.FLOAT);
  return backend.createOutputTensor({
    id,
    shape: tensor.shape,
    dtype: DataType.FLOAT,
  }) as tf.Tensor1D;
}
