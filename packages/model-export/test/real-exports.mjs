// Writes exports of networks of full size, with what the networks say of two images, for real-exports.py; some minutes, not in CI.
//
//     node test/real-exports.mjs /tmp/exports && venv/bin/python test/real-exports.py /tmp/exports
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel as createMobileNet } from '@bag-of-tricks/mobilenet-variants';
import { exportFormats, exportModel } from '@bag-of-tricks/model-export';
import { seededRandom } from '@bag-of-tricks/random';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { inferLogits } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';

const folder = process.argv[2];
const shape = [2, 224, 224, 3];
const numClasses = 100;
const networks = {
  resnet50d: createModel,
  seresnet50: createModel,
  mobilenetv2_100: createMobileNet,
  tf_efficientnet_lite0: createMobileNet,
};

await registerTensorFlowBackend();
const random = seededRandom('real-exports');
const pixels = Float32Array.from({ length: 2 * 224 * 224 * 3 }, () => Math.floor(256 * random()));
const images = tf.tensor4d(pixels, shape);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'images.f32'), pixels);
for (const [name, create] of Object.entries(networks)) {
  const network = create(name, { numClasses, seed: 3 });
  // Statistics of real activations, without which the logits of a deep network are nothing or everything.
  for (let i = 0; i < 4; i++) {
    tf.tidy(() => network.apply(tf.randomNormal([4, 160, 160, 3], 0, 1.2), { training: true }));
  }
  const head = Object.values(network.parameters).findLast(({ rank }) => rank === 2);
  tf.tidy(() => head.assign(tf.mul(head, 30)));
  const description = {
    ...{ model: name, classNames: Array.from({ length: numClasses }, (_, i) => `class ${i}`) },
    ...{ imageSize: 224, channels: 3, evalResize: 256, interpolation: 'bicubic', antialias: true },
    ...{ exifOrientation: false, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  };
  const own = tf.tidy(() =>
    tf.softmax(inferLogits({ network, numClasses, pixels: description }, images)).dataSync(),
  );
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'probabilities.f32'), own);
  for (const format of exportFormats) {
    const options = { output: join(folder, name, format), format, force: true };
    const { deviation } = await exportModel(
      { network, description, license: 'apache-2.0', provenance: { source: 'random' } },
      options,
    );
    console.log(name, format, deviation);
  }
  network.dispose();
}
