import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { createModel as createMobileNet } from '@bag-of-tricks/mobilenet-variants';
import { seededRandom } from '@bag-of-tricks/random';
import { createModel as createResNet } from '@bag-of-tricks/resnet-variants';
import { inferLogits, type Network, normalizeImages } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

const small = { numClasses: 5, zeroGamma: false, init: 'he' } as const;
const mobileNet = (name: string) => () => createMobileNet(name, small);
const resNet = (name: string) => () => createResNet(name, small);
const fewBlocks = (name: string, width: number) => () =>
  createResNet(name, { ...small, layers: [1, 1], width, name: `small_${name}` });

type Compared = readonly [name: string, create: () => Network, sizes: readonly number[]];

/** Networks that together have every layer, with the sizes of image that they are compared at. */
export const networks: readonly Compared[] = [
  ['resnet20d', resNet('resnet20d'), [32, 31]],
  ['resnet20_pad', resNet('resnet20_pad'), [32, 31]],
  ['resnet50', fewBlocks('resnet50', 16), [48, 47]],
  ['seresnet18', fewBlocks('seresnet18', 16), [48]],
  ['ecaresnet26t', fewBlocks('ecaresnet26t', 32), [33]],
  ['resnext50_32x4d', fewBlocks('resnext50_32x4d', 64), [40]],
  ['mobilenetv1_100', mobileNet('mobilenetv1_100'), [64]],
  ['mobilenet0.25', mobileNet('mobilenet0.25'), [65]],
  ['mobilenetv2_035', mobileNet('mobilenetv2_035'), [64, 61]],
  ['tf_efficientnet_lite0', mobileNet('tf_efficientnet_lite0'), [64, 61]],
];

/** Networks as timm has them, at the size of ImageNet. */
export const large: readonly Compared[] = [
  ...['resnet50d', 'seresnet50', 'ecaresnet50d', 'resnext50_32x4d', 'resnet14t'].map(
    (name): Compared => [`${name}-224`, resNet(name), [224]],
  ),
  ...['mobilenetv1_100h', 'mobilenetv2_100', 'efficientnet_lite0', 'tf_efficientnet_lite0'].map(
    (name): Compared => [`${name}-224`, mobileNet(name), [224]],
  ),
];

/** What goes with a network for images of this size. */
export const describe = (
  { name }: { readonly name: string },
  imageSize: number,
): InferenceDescription => ({
  ...{ model: name, classNames: ['ape', 'bee', 'cat', 'dog', 'eel'], imageSize, channels: 3 },
  ...{ evalResize: imageSize, interpolation: 'bilinear', antialias: true, exifOrientation: false },
  ...{ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
});

/** Three pictures of coloured squares, 0..255. */
const pictures = ({ imageSize, channels }: InferenceDescription) => {
  const squares = tf.randomUniform<tf.Rank.R4>([3, 4, 4, channels], 0, 255, 'float32', 7);
  return tf.image.resizeBilinear(squares, [imageSize, imageSize]);
};

/** Gives a network numbers as of a trained one: gammas and betas of any size, and the statistics of the pictures. */
export function giveTrainedNumbers(network: Network, description: InferenceDescription): void {
  const random = seededRandom('trained', network.name);
  const momentum = 0.9;
  tf.tidy(() => {
    const scattered = Object.entries(network.parameters).filter(([, { rank }]) => rank === 1);
    for (const [name, variable] of scattered) {
      const middle = name.endsWith('.bias') ? 0 : 1;
      const values = Float32Array.from({ length: variable.size }, () => middle + random() - 0.5);
      variable.assign(tf.tensor(values, variable.shape));
    }
    const before = Object.values(network.buffers).map((buffer) => tf.clone(buffer));
    network.apply(normalizeImages(pictures(description), description), { training: true });
    for (const [i, buffer] of Object.values(network.buffers).entries()) {
      const ofBatch = tf.sub(buffer, tf.mul(before[i]!, momentum));
      buffer.assign(tf.div(ofBatch, 1 - momentum));
    }
  });
}

/** The pictures, [channels, height, width] as in ONNX, and what the network says of them. */
export function score(network: Network, description: InferenceDescription) {
  const { mean, std, classNames } = description;
  return tf.tidy(() => {
    const images = pictures(description);
    const inference = { network, numClasses: classNames.length, pixels: { mean, std } };
    return {
      pixels: tf.transpose(images, [0, 3, 1, 2]).dataSync<'float32'>(),
      probabilities: tf.softmax(inferLogits(inference, images)).dataSync<'float32'>(),
    };
  });
}
