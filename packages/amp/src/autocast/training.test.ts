import { compile } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { crossEntropy, momentum, resNet } from '../../test/support/res-net.ts';
import { autocast, type LowPrecision, lossScaleVariables, scaledStep } from '../index.ts';

useTensorFlow();

const [size, pixels, classes] = [16, 8, 4];

/** Images whose mean colour by quadrant tells the class, under noise. */
function batch(step: number) {
  const labels = new Float32Array(size * classes);
  const images = new Float32Array(size * pixels * pixels * 3);
  const noise = tf.randomUniform([images.length], -1, 1, 'float32', step + 1).dataSync();
  for (let n = 0; n < size; n++) {
    const label = n % classes;
    labels[n * classes + label] = 1;
    for (let i = 0; i < pixels * pixels; i++) {
      const quadrant = Math.floor(i / pixels / 4) * 2 + Math.floor((i % pixels) / 4);
      for (let c = 0; c < 3; c++) {
        const at = (n * pixels * pixels + i) * 3 + c;
        images[at] = (quadrant === label ? 1 : 0) + noise[at]!;
      }
    }
  }
  return { images, labels };
}

/** The losses of a short training in a compiled step. */
async function losses(dtype: LowPrecision | undefined, steps: number): Promise<number[]> {
  const model = resNet({ channels: [8, 16], blocks: 1, bottleneck: false, classes, seed: 7 });
  const { update } = momentum(model.parameters, 0.02);
  const state = lossScaleVariables({ scale: dtype === 'float16' ? 2 ** 10 : 1 });
  const { parameters } = model;
  const train = ({ images, labels }: { images: tf.Tensor; labels: tf.Tensor }) => {
    const loss = () => crossEntropy(labels, model.apply(images as tf.Tensor4D));
    return scaledStep({ loss, parameters, update, state });
  };
  const step = (inputs: { images: tf.Tensor; labels: tf.Tensor }) =>
    dtype === undefined ? train(inputs) : autocast({ dtype }, () => train(inputs));
  const compiled = await compile(step, {
    inputs: { images: { shape: [size, pixels, pixels, 3] }, labels: { shape: [size, classes] } },
  });
  const curve: number[] = [];
  for (let i = 0; i < steps; i++) curve.push((await compiled.run(batch(i))).loss);
  const { skippedSteps } = await compiled.read({ skippedSteps: state.skippedSteps });
  expect(skippedSteps!.values[0]).toBe(0);
  await compiled.dispose();
  return curve;
}

test('a small ResNet trains as in float32, from the same seed', { tags: ['slow'] }, async () => {
  const float32 = await losses(undefined, 40);
  const last = (curve: number[]) => curve.slice(-10).reduce((sum, loss) => sum + loss, 0) / 10;
  // It learns: were nothing learned, the curves would agree too.
  expect(last(float32)).toBeLessThan(0.6 * float32[0]!);
  for (const dtype of ['float16', 'bfloat16'] as const) {
    const curve = await losses(dtype, 40);
    expect(Math.abs(curve[0]! / float32[0]! - 1), dtype).toBeLessThan(0.005);
    expect(Math.abs(last(curve) / last(float32) - 1), dtype).toBeLessThan(0.02);
    // Not the same computation.
    expect(curve).not.toEqual(float32);
  }
});
