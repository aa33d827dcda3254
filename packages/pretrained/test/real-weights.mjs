// Compares logits of full-size networks with those of timm and torchvision; see real-weights.py. Usage: node real-weights.mjs <folder>
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadWeights, openWeights } from '@bag-of-tricks/pretrained';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { toFloat32Array } from '@bag-of-tricks/safetensors';
import { readSafetensors } from '@bag-of-tricks/safetensors/node';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';

/** The Python that converts pickled files, by the line of our own error. */
const python = process.env.PYTHON ?? 'python3';
const root = process.argv[2];
await tf.setBackend('cpu');
for (const name of readdirSync(root)) {
  const folder = join(root, name);
  const pickled = readdirSync(folder).find((file) => file.endsWith('.pth'));
  if (pickled && !existsSync(join(folder, pickled.replace('.pth', '.safetensors')))) {
    const refusal = await openWeights(join(folder, pickled)).catch((error) => error.message);
    execFileSync(python, ['-c', refusal.split('\n')[1].trim()]);
  }
  const weights = await openWeights(
    pickled ? join(folder, pickled.replace('.pth', '.safetensors')) : folder,
  );
  const model = createModel(weights.architecture);
  const { notes } = await loadWeights(model, weights);
  const golden = (await readSafetensors(join(folder, 'golden.safetensors.expected'))).tensors;
  const [images, expected] = ['images', 'logits'].map((key) => {
    const tensor = golden.get(key);
    return tf.tensor(toFloat32Array(tensor), tensor.shape);
  });
  const error = tf.tidy(() => {
    const logits = model.apply(images, { training: false });
    return tf.div(tf.max(tf.abs(tf.sub(logits, expected))), tf.max(tf.abs(expected))).dataSync()[0];
  });
  console.log(name, weights.architecture, `relative error ${error.toExponential(1)}`, notes);
  if (!(error < 1e-4)) process.exitCode = 1;
  model.dispose();
  tf.dispose([images, expected]);
}
