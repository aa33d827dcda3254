// Where native code may not be loaded, tfjs's own backends run the tricks, and TensorFlow's says what it lacks.
import assert from 'node:assert/strict';
import { smoothedSoftmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

await assert.rejects(registerTensorFlowBackend(), /koffi: expected .* --allow-ffi/s);
await tf.setBackend('cpu');
const labels = tf.tensor1d([0, 1], 'int32');
const loss = smoothedSoftmaxCrossEntropy(labels, tf.zeros([2, 4]), { epsilon: 0.1 });
assert.ok(Math.abs(loss.dataSync()[0] - Math.log(4)) < 1e-6);
console.log('the tricks work without native code');
