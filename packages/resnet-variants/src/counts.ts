import {
  countTrainable,
  expectImageSize,
  type ImageSize,
  multiplyAdds,
  strided,
} from '@bag-of-tricks/network-layers';
import { type Architecture, architectureOf, parameterSpecs } from './architecture.ts';
import { attentionMacs } from './attention.ts';
import { type ResNetOptions, resolveConfig } from './config.ts';
import type { ResNet } from './model.ts';
import { optionsOf } from './names.ts';

/** A name, options, or a model. */
type Network = string | ResNetOptions | ResNet;

function configOf(network: Network) {
  if (typeof network === 'string') return resolveConfig(optionsOf(network));
  return 'config' in network ? network.config : resolveConfig(network);
}

/**
 * Counts the trainable parameters of a network (Table 5 of He et al. 2019 reports them): kernels, gammas, betas, the
 * dense layer; not the running statistics. Nothing is built when a name or options are given.
 *
 * @example
 * ```ts
 * import { countParameters } from '@bag-of-tricks/resnet-variants';
 *
 * countParameters('resnet50d'); // 25576264
 * ```
 * @throws RangeError or TypeError if the options are not a network's.
 */
export function countParameters(network: Network): number {
  const config = configOf(network);
  return countTrainable(parameterSpecs(architectureOf(config), config));
}

/** Multiply-adds and values of all convolutions; the gates give too few values to count. */
function convolutions({ stem, maxPool, blocks }: Architecture, images: ImageSize) {
  const stemWalk = multiplyAdds(stem, images);
  let { macs, activations } = stemWalk;
  let size = maxPool ? strided(stemWalk.output, 2) : stemWalk.output;
  for (const { branch, attention, shortcut } of blocks) {
    const walks = [multiplyAdds(branch, size)];
    const { output } = walks[0]!;
    if (attention) macs += attentionMacs(attention);
    if (shortcut && 'layer' in shortcut)
      walks.push(multiplyAdds([shortcut.layer], shortcut.averagePool ? strided(size, 2) : size));
    for (const walk of walks) {
      macs += walk.macs;
      activations += walk.activations;
    }
    size = output;
  }
  return { macs, activations };
}

/**
 * Counts the multiply-adds of one image through the convolutions and the dense layer, as Table 5 of He et al. 2019 does
 * (a 224x224 image through ResNet-50-D: 4.33e9). `height` and `width` are in pixels, default 224.
 *
 * @example
 * ```ts
 * import { countMultiplyAdds } from '@bag-of-tricks/resnet-variants';
 *
 * countMultiplyAdds({ depth: 50, variant: 'b' }, { height: 224, width: 224 }) / 1e9; // 4.089
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
  return (
    convolutions(architecture, { height, width }).macs + architecture.features * config.numClasses
  );
}

/**
 * Counts the values that the convolutions and the dense layer give for one image, which is what a training step keeps of it.
 * `height` and `width` are in pixels, default 224.
 *
 * @example
 * ```ts
 * import { countActivations } from '@bag-of-tricks/resnet-variants';
 *
 * countActivations('resnet50d') / 1e6; // 11.9
 * ```
 * @throws RangeError if the size is not a positive integer, or as `countParameters`.
 */
export function countActivations(
  network: Network,
  { height = 224, width = 224 }: Partial<ImageSize> = {},
): number {
  expectImageSize('countActivations', { height, width });
  const config = configOf(network);
  return convolutions(architectureOf(config), { height, width }).activations + config.numClasses;
}
