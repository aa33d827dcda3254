/** The Node that runs them, of npm's packages. */
export const NODE = '22.23.3';

/** The doctor's report, and three compiled steps whose losses are known; a program for another system begins with it. */
export const STEPS = `
import * as tf from '@tensorflow/tfjs-core';
import { compile } from '@bag-of-tricks/graph';
import { diagnose, formatDiagnosis, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

console.log(formatDiagnosis(await diagnose()).replaceAll(process.cwd(), '...'));
const { nativeHandleCount } = await registerTensorFlowBackend();
const weight = tf.variable(tf.scalar(1));
const step = await compile(
  ({ x }) => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(tf.sub(tf.mul(x, weight), 6))));
    weight.assign(tf.sub(weight, tf.mul(Object.values(grads)[0], 0.1)));
    return { loss: value };
  },
  { inputs: { x: { shape: [1] } }, variables: [weight] },
);
const losses = [];
for (let i = 0; i < 3; i++) losses.push((await step.run({ x: Float32Array.of(2) })).loss);
console.log('Compiled steps, losses: ' + losses.map((loss) => loss.toFixed(2)).join(' ') + ' (16.00 0.64 0.03 on paper)');
`;
