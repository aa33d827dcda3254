import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { compile, withRandom } from '../index.ts';

useTensorFlow();
test('x', async () => {
  const step = tf.variable(tf.scalar(0, 'int32'), false);
  const fn = () => ({
    u: tf.randomUniform([2, 2]),
    v: tf.randomUniform([3], -1, 3),
    n: tf.randomNormal([3], 1, 2),
    t: tf.truncatedNormal([3]),
    s: tf.randomUniform([2], 0, 1, 'float32', 'abc'),
    i: tf.randomUniformInt([4], -3, 3),
    b: tf.randomUniform([6], 0, 2, 'bool'),
    ni: tf.randomNormal([4], 0, 5, 'int32'),
    d: tf.dropout(tf.ones([8]), 0.5, undefined, 3),
  });
  const show = (o: Record<string, tf.Tensor>) =>
    Object.fromEntries(
      Object.entries(o).map(([k, v]) => [k, [v.dtype, v.shape, Array.from(v.dataSync())]]),
    );
  const a = show(withRandom({ seed: 1, step }, fn));
  const b = show(withRandom({ seed: 1, step }, fn));
  console.log(JSON.stringify(a), step.dataSync());
  step.assign(tf.scalar(0, 'int32'));
  const c = await compile(fn as never, { inputs: {}, random: { seed: 1, step } });
  for (const e of [a, b]) {
    const r = (await c.run({})) as any;
    for (const k of Object.keys(e)) expect(Array.from(r[k].values), k).toEqual(e[k]![2]);
  }
  console.log(await c.read());
});
