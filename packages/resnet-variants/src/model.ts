import { buildClassifier, type Classifier } from '@bag-of-tricks/network-layers';
import { architectureOf, parameterSpecs } from './architecture.ts';
import { type ResNetConfig, type ResNetOptions, resolveConfig } from './config.ts';
import { featureMaps } from './forward.ts';

/** A ResNet: its variables under timm's names and a function from images to logits. */
export type ResNet = Classifier<ResNetConfig>;

/**
 * Builds a ResNet of any depth in one of the four variants of He et al. 2019, section 4.2.
 *
 * | variant | stem | stride-2 bottleneck | projection where the stride is 2 |
 * |---|---|---|---|
 * | a | 7x7 stride 2, max pool | stride in the first 1x1 | 1x1 stride 2 |
 * | b | as a | stride in the 3x3 | as a |
 * | c | 3x3 stride 2, 3x3, 3x3, max pool | as b | as a |
 * | d | as c | as b | 2x2 average pool stride 2, then 1x1 |
 *
 * Basic blocks (18, 34 and the small depths) have no leading 1x1, so a and b are the same network there. The small
 * depths (20 to 110) have a 3x3 stride-1 stem and no max pool, so c equals them too; d has its average-pool projection.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { resnet } from '@bag-of-tricks/resnet-variants';
 *
 * const model = resnet({ depth: 20, variant: 'd', numClasses: 10 });
 * const logits = model.apply(tf.zeros([2, 32, 32, 3]), { training: false }); // [2, 10]
 * ```
 *
 * The paper and reference code differ: the paper's ResNet-50 is variant a, as gluon-cv's `resnet50_v1`; timm's and
 * torchvision's `resnet50` is b, and so is the default here, because the weight names are timm's.
 * @throws RangeError or TypeError if an option is unknown or out of its range.
 */
export function resnet(options: ResNetOptions): ResNet {
  const config = resolveConfig(options);
  const architecture = architectureOf(config);
  return buildClassifier(config, {
    specs: parameterSpecs(architecture, config),
    block: /^layer(\d+)\.\d+/,
    head: 'fc',
    maps: (images, layers) => featureMaps(images, architecture, layers),
  });
}
