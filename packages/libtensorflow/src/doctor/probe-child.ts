// Run by probe.ts in a process of its own: loading a broken library can end the process.
import * as tf from '@tensorflow/tfjs-core';
import { registerTensorFlowBackend } from '../backend/register.ts';
import type { ProbeReport } from './probe.ts';

const libraryPath = process.argv[2];
if (libraryPath === undefined || process.send === undefined) {
  throw new Error('probe-child: expected to be started by probeLibrary.');
}
const { version, devices } = await registerTensorFlowBackend({ libraryPath });

// Ones everywhere, so that the right results can be counted: each of the 4 outputs adds up 9 products,
// and each weight takes part in 4 outputs.
const image = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
const step = tf.valueAndGrad((filter) =>
  tf.sum(tf.conv2d(image, filter as tf.Tensor4D, 1, 'valid')),
);
const { value, grad } = step(tf.ones([3, 3, 1, 1]));
const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]));
const computed = [value, grad, product].flatMap((tensor) => [...tensor.dataSync()]);
const expected = [36, ...new Array<number>(9).fill(4), ...new Array<number>(4).fill(3)];

const report: ProbeReport = { version, devices, computed, expected };
process.send(report);
process.disconnect();
