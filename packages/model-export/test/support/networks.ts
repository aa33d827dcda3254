import { createModel as createMobileNet } from '@bag-of-tricks/mobilenet-variants';
import { seededRandom } from '@bag-of-tricks/random';
import { createModel, resnet } from '@bag-of-tricks/resnet-variants';
import { fromLayersModel, type Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import type { ExportedModel } from '../../src/index.ts';

const classes = ['cat', 'dog', 'frog', 'ship'];

/** A network with all that an export needs; its images are 16 pixels. */
export const modelOf = (network: Network, channels: 1 | 3 = 3): ExportedModel => ({
  network,
  description: {
    ...{ model: network.name, classNames: classes, imageSize: 16, channels, evalResize: 18 },
    ...{ interpolation: 'bilinear', antialias: true, exifOrientation: true },
    mean: [120, 110, 90].slice(0, channels),
    std: [60, 50, 70].slice(0, channels),
  },
  license: 'apache-2.0',
  provenance: { source: 'runs/one', checkpoint: { epoch: 3 } },
});

/** Gives a new network statistics and weights as training leaves them, so that its probabilities are far from equal. */
export function trained(network: Network): Network {
  const random = seededRandom('trained', network.name);
  for (const [name, variable] of Object.entries({ ...network.parameters, ...network.buffers })) {
    if (variable.rank > 1) continue;
    const isPositive = /var|gamma|(bn|norm|downsample).*weight/.test(name);
    const values = Array.from({ length: variable.size }, () =>
      isPositive ? 0.6 + random() : random() - 0.5,
    );
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  return network;
}

const drawn = tf.initializers.glorotNormal({ seed: 5 });
const options = { numClasses: classes.length, inputChannels: 3, seed: 7 };

export const networks = {
  resnet: () => trained(createModel('resnet20d', options)),
  // Small, with the parts that its family has: a deep stem, groups, squeeze and excitation, shortcuts by a pool.
  grouped: () =>
    trained(
      resnet({
        ...{ ...options, name: 'grouped', depth: 50, variant: 'd', layers: [1, 1, 1, 1], width: 8 },
        ...{ cardinality: 4, baseWidth: 16, attention: 'se' },
      }),
    ),
  mobilenet: () => trained(createMobileNet('mobilenetv2_035', options)),
  layers: () =>
    trained(
      fromLayersModel(
        tf.sequential({
          layers: [
            tf.layers.conv2d({
              filters: 6,
              kernelSize: 3,
              activation: 'relu',
              inputShape: [16, 16, 3],
              kernelInitializer: drawn,
            }),
            tf.layers.batchNormalization(),
            tf.layers.separableConv2d({
              ...{ filters: 8, kernelSize: 3, padding: 'same' },
              ...{ depthwiseInitializer: drawn, pointwiseInitializer: drawn },
            }),
            tf.layers.batchNormalization(),
            tf.layers.reLU({ maxValue: 6 }),
            tf.layers.maxPooling2d({ poolSize: 2 }),
            tf.layers.flatten(),
            tf.layers.dropout({ rate: 0.5 }),
            tf.layers.dense({
              ...{ units: classes.length, activation: 'softmax', kernelInitializer: drawn },
            }),
          ],
        }),
        { name: 'layers' },
      ),
    ),
  // Layers that give ops the size of the batch, in shapes.
  sized: () =>
    trained(
      fromLayersModel(
        tf.sequential({
          layers: [
            tf.layers.conv2dTranspose({
              ...{ filters: 4, kernelSize: 3, strides: 2, padding: 'same' },
              ...{ inputShape: [16, 16, 3], kernelInitializer: drawn },
            }),
            tf.layers.layerNormalization(),
            tf.layers.averagePooling2d({ poolSize: 4 }),
            tf.layers.reshape({ targetShape: [8, 32] }),
            tf.layers.lstm({
              ...{ units: 6, returnSequences: true },
              ...{ kernelInitializer: drawn, recurrentInitializer: drawn },
            }),
            tf.layers.gru({
              ...{ units: 5, kernelInitializer: drawn, recurrentInitializer: drawn },
            }),
            tf.layers.dense({ units: classes.length, kernelInitializer: drawn }),
          ],
        }),
        { name: 'sized' },
      ),
    ),
} satisfies Record<string, () => Network>;

/** A network of this function, which has one weight, `layer.weight` [3, 4]. */
export function networkOf(
  logits: (images: tf.Tensor4D, weight: tf.Tensor2D) => tf.Tensor,
  name = 'own',
): Network {
  const weight = tf.variable(tf.randomNormal<tf.Rank.R2>([3, 4], 0, 1, 'float32', 5));
  return {
    ...{ name, parameters: { 'layer.weight': weight }, buffers: {} },
    apply: (images) => tf.tidy(() => logits(images, weight) as tf.Tensor2D),
    dispose: () => weight.dispose(),
  };
}
