import {
  countTrainable,
  expectImageSize,
  type ImageSize,
  multiplyAdds,
} from '@bag-of-tricks/network-layers';
import { architectureOf, convNormsOf, parameterSpecs } from './architecture.ts';
import { type MobileNetOptions, resolveConfig } from './config.ts';
import type { MobileNet } from './model.ts';
import { optionsOf } from './names.ts';

/** A name, options, or a model. */
type Network = string | MobileNetOptions | MobileNet;

function configOf(network: Network) {
  if (typeof network === 'string') return resolveConfig(optionsOf(network));
  return 'config' in network ? network.config : resolveConfig(network);
}

/**
 * Counts the trainable parameters of a network: kernels, gammas, betas, the dense layer; not the running statistics. Nothing
 * is built when a name or options are given.
 *
 * @example
 * ```ts
 * import { countParameters } from '@bag-of-tricks/mobilenet-variants';
 *
 * countParameters('mobilenetv2_100'); // 3504872
 * ```
 * @throws RangeError or TypeError if there is no such network.
 */
export function countParameters(network: Network): number {
  const config = configOf(network);
  return countTrainable(parameterSpecs(architectureOf(config), config));
}

/**
 * Counts the multiply-adds of one image through the convolutions and the dense layer. `height` and `width` are in pixels,
 * default 224.
 *
 * @example
 * ```ts
 * import { countMultiplyAdds } from '@bag-of-tricks/mobilenet-variants';
 *
 * countMultiplyAdds('mobilenetv1_100', { height: 224, width: 224 }) / 1e6; // 568.7
 * ```
 * @throws RangeError if the size is not a positive integer, or as `countParameters`.
 */
export function countMultiplyAdds(
  network: Network,
  { height = 224, width = 224 }: Partial<ImageSize> = {},
): number {
  expectImageSize('countMultiplyAdds', { height, width });
  const config = configOf(network);
  const architecture = architectureOf(config);
  const { macs } = multiplyAdds(convNormsOf(architecture), { height, width });
  return macs + architecture.features * config.numClasses;
}

/**
 * Counts the values that the convolutions and the dense layer give for one image, which is what a training step keeps of it.
 * `height` and `width` are in pixels, default 224.
 *
 * @example
 * ```ts
 * import { countActivations } from '@bag-of-tricks/mobilenet-variants';
 *
 * countActivations('mobilenetv2_100') / 1e6; // 6.7
 * ```
 * @throws RangeError if the size is not a positive integer, or as `countParameters`.
 */
export function countActivations(
  network: Network,
  { height = 224, width = 224 }: Partial<ImageSize> = {},
): number {
  expectImageSize('countActivations', { height, width });
  const config = configOf(network);
  const layers = convNormsOf(architectureOf(config));
  return multiplyAdds(layers, { height, width }).activations + config.numClasses;
}
