import { buildClassifier, type Classifier } from '@bag-of-tricks/network-layers';
import { architectureOf, parameterSpecs } from './architecture.ts';
import { type MobileNetConfig, type MobileNetOptions, resolveConfig } from './config.ts';
import { featureMaps } from './forward.ts';

/** A mobile network: its variables under timm's names and a function from images to logits. */
export type MobileNet = Classifier<MobileNetConfig>;

/**
 * Builds a MobileNetV1 (Howard et al. 2017), MobileNetV2 (Sandler et al. 2018) or EfficientNet-Lite (Tan and Le 2019) of any
 * width and depth. `createModel` builds those that have names.
 *
 * | family | block | shortcut | head |
 * |---|---|---|---|
 * | mobilenetv1 | depthwise 3x3, 1x1 | none | none |
 * | mobilenetv2 | 1x1 to 6 times the channels, depthwise 3x3, linear 1x1 | where the shape stays | 1x1 to 1280 |
 * | efficientnet_lite | as mobilenetv2, depthwise 3x3 or 5x5 | as mobilenetv2 | 1x1 to 1280 |
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { mobileNet } from '@bag-of-tricks/mobilenet-variants';
 *
 * const model = mobileNet({ family: 'mobilenetv1', width: 0.25, numClasses: 10 });
 * const logits = model.apply(tf.zeros([2, 32, 32, 3]), { training: false }); // [2, 10]
 * ```
 * @throws RangeError or TypeError if an option is unknown or out of its range.
 */
export function mobileNet(options: MobileNetOptions): MobileNet {
  const config = resolveConfig(options);
  const architecture = architectureOf(config);
  return buildClassifier(config, {
    specs: parameterSpecs(architecture, config),
    block: /^blocks\.(\d+)\.\d+/,
    head: 'classifier',
    maps: (images, layers) => featureMaps(images, architecture, config, layers),
  });
}
