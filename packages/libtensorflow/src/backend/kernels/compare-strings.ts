import * as tf from '@tensorflow/tfjs-core';

/** Compares strings in JavaScript's order, as tfjs's `cpu` backend does, with broadcasting. */
export function compareStrings(
  a: tf.Tensor,
  b: tf.Tensor,
  holds: (a: string, b: string) => boolean,
): tf.Tensor {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [left, right] = [broadcast(a, shape), broadcast(b, shape)];
  const results = left.map((value, i) => Number(holds(value, right[i]!)));
  return tf.tensor(results, shape, 'bool');
}

function broadcast(x: tf.Tensor, shape: number[]): string[] {
  const strings = x.dataSync<'string'>() as unknown as string[];
  const positions = tf.reshape(tf.range(0, x.size, 1, 'int32'), x.shape);
  return Array.from(tf.broadcastTo(positions, shape).dataSync(), (i) => strings[i]!);
}
