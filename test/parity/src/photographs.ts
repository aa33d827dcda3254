// A network with trained weights on photographs that timm's transform prepared (python/photographs.py):
//   node dist/photographs.js tf_efficientnet_lite0 <weights.safetensors> <prepared.safetensors>
import { readFile } from 'node:fs/promises';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { relativeError } from './compare.ts';
import { createModel } from './networks.ts';
import { readTensors } from './tensors.ts';

const [, , name = '', weights = '', prepared = ''] = process.argv;
await registerTensorFlowBackend();
const model = createModel(name, { numClasses: 1000 });
model.loadStateDict(readTensors(await readFile(weights)));
const { images, logits, labels } = readTensors(await readFile(prepared));
const [count, height, width] = images!.shape as [number, number, number];
const size = height * width * 3;
const actual: number[] = [];
for (let start = 0; start < count; start += 20) {
  const rows = Math.min(20, count - start);
  const batch = images!.data.subarray(start * size, (start + rows) * size);
  const result = tf.tidy(() =>
    model.apply(tf.tensor4d(batch, [rows, height, width, 3]), { training: false }).dataSync(),
  );
  actual.push(...result);
}

/** How many labels are among the `k` largest logits of their row. */
function correct(values: ArrayLike<number>, k: number): number {
  const classes = values.length / count;
  return Array.from(labels!.data).filter((label, row) => {
    const at = (index: number) => values[row * classes + index]!;
    const larger = Array.from({ length: classes }, (_, i) => i).filter((i) => at(i) > at(label));
    return larger.length < k;
  }).length;
}

const difference = relativeError(actual, logits!.data);
console.log(
  `${name}: ${count} photographs, logits differ by ${difference.toExponential(1)} of the largest`,
);
for (const [whose, values] of [
  ['ours', actual],
  ['timm', logits!.data],
] as const) {
  console.log(
    `${whose}: ${correct(values, 1)} right in the first place, ${correct(values, 5)} within five`,
  );
}
if (!(difference < 1e-3)) process.exitCode = 1;
