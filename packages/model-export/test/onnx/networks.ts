import { createModel as createMobileNet } from '@bag-of-tricks/mobilenet-variants';
import type { StateDict, StateDictEntry } from '@bag-of-tricks/network-layers';
import { seededRandom } from '@bag-of-tricks/random';
import { createModel as createResNet } from '@bag-of-tricks/resnet-variants';
import { inferLogits, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelDescription } from '../../src/description.ts';

const small = { numClasses: 5, zeroGamma: false } as const;
const mobileNet = (name: string) => () => createMobileNet(name, small);
const resNet =
  (name: string, options: Parameters<typeof createResNet>[1] = {}) =>
  () =>
    createResNet(name, { ...small, ...options });

/** Networks that together have every layer, with the sizes of image that they are compared at. */
export const networks: readonly (readonly [
  name: string,
  create: () => Network,
  sizes: readonly number[],
])[] = [
  ['resnet20d', resNet('resnet20d'), [32, 31]],
  ['resnet20_pad', resNet('resnet20_pad'), [32, 31]],
  ['resnet50', resNet('resnet50', { layers: [1, 1], width: 16 }), [48, 47]],
  ['seresnet18', resNet('seresnet18', { layers: [1, 1], width: 16 }), [48]],
  ['ecaresnet26t', resNet('ecaresnet26t', { layers: [1, 1], width: 32 }), [33]],
  ['resnext50_32x4d', resNet('resnext50_32x4d', { layers: [1, 1] }), [40]],
  ['mobilenetv1_100', mobileNet('mobilenetv1_100'), [64]],
  ['mobilenet0.25', mobileNet('mobilenet0.25'), [65]],
  ['mobilenetv2_035', mobileNet('mobilenetv2_035'), [64, 61]],
  ['tf_efficientnet_lite0', mobileNet('tf_efficientnet_lite0'), [64, 61]],
];

/** What goes with a network for images of this size. */
export const describe = (
  { name }: { readonly name: string },
  imageSize: number,
): ModelDescription => ({
  ...{ model: name, classNames: ['ape', 'bee', 'cat', 'dog', 'eel'], imageSize, channels: 3 },
  ...{ evalResize: imageSize, interpolation: 'bilinear', antialias: true, exifOrientation: false },
  ...{ mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
});

/** Loads numbers as of a trained network: no gamma is 1, no mean 0, and logits that differ. */
export async function loadTrainedLike(network: Network): Promise<Network> {
  const dict = (await network.toStateDict!()) as StateDict;
  const like = (name: string, { shape, data }: StateDictEntry) => {
    const random = seededRandom('trained', name);
    const around = (middle: number, width: number) =>
      data.map(() => middle + width * (random() - 0.5));
    if (name.endsWith('running_var')) return around(1, 1);
    if (name.endsWith('running_mean') || name.endsWith('bias')) return around(0, 0.5);
    if (shape.length === 1) return around(1, 0.5);
    return shape.length === 2 ? data.map((value) => 4 * value) : data;
  };
  network.loadStateDict!(
    Object.fromEntries(
      Object.entries(dict).map(([name, entry]) => [
        name,
        { shape: entry.shape, data: like(name, entry) },
      ]),
    ),
  );
  return network;
}

/** Pictures of noise and what the network says of them, [channels, height, width] in `pixels` as ONNX has it. */
export function score(network: Network, description: ModelDescription, count: number) {
  const { imageSize, channels, mean, std, classNames } = description;
  return tf.tidy(() => {
    const shape = [count, imageSize, imageSize, channels] as const;
    const images = tf.randomUniform<tf.Rank.R4>([...shape], 0, 255, 'float32', 7);
    // Some brightness of its own for each image, so that their probabilities differ.
    const lit = tf.mul(
      images,
      tf
        .range(1, count + 1)
        .div(count)
        .reshape([count, 1, 1, 1]),
    );
    const inference = { network, numClasses: classNames.length, pixels: { mean, std } };
    return {
      pixels: tf.transpose(lit, [0, 3, 1, 2]).dataSync<'float32'>(),
      probabilities: tf.softmax(inferLogits(inference, lit as tf.Tensor4D)).dataSync<'float32'>(),
    };
  });
}
