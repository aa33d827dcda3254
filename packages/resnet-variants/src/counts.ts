import { type Architecture, architectureOf, type ConvNorm } from './architecture.ts';
import { type ResNetOptions, resolveConfig } from './config.ts';
import { sizeOf } from './layout.ts';
import type { ResNet } from './model.ts';
import { isBuffer, parameterSpecs } from './parameters.ts';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

function configOf(network: ResNetOptions | ResNet) {
  return 'config' in network ? network.config : resolveConfig(network);
}

/**
 * Counts the trainable parameters of a network (Table 5 of He et al. 2019 reports them): kernels, gammas, betas, the
 * dense layer; not the running statistics. Nothing is built when options are given.
 *
 * @example
 * ```ts
 * import { countParameters } from '@bag-of-tricks/resnet-variants';
 *
 * countParameters({ depth: 50, variant: 'd' }); // 25576264
 * ```
 * @throws RangeError or TypeError if the options are not a network's.
 */
export function countParameters(network: ResNetOptions | ResNet): number {
  const config = configOf(network);
  return parameterSpecs(architectureOf(config), config)
    .filter((spec) => !isBuffer(spec))
    .reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** Every stride-2 layer here, padded or in ceil mode, gives ceil(size / 2) outputs. */
function strided({ height, width }: ImageSize, stride: number): ImageSize {
  return { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
}

function walk(layers: readonly ConvNorm[], input: ImageSize): { macs: number; output: ImageSize } {
  let macs = 0;
  let output = input;
  for (const { kernelSize, stride, inputChannels, outputChannels } of layers) {
    output = strided(output, stride);
    macs += output.height * output.width * kernelSize ** 2 * inputChannels * outputChannels;
  }
  return { macs, output };
}

function convolutionMacs({ stem, maxPool, blocks }: Architecture, images: ImageSize): number {
  const stemWalk = walk(stem, images);
  let total = stemWalk.macs;
  let size = maxPool ? strided(stemWalk.output, 2) : stemWalk.output;
  for (const { branch, shortcut } of blocks) {
    const { macs, output } = walk(branch, size);
    total += macs;
    if (shortcut)
      total += walk([shortcut.layer], shortcut.averagePool ? strided(size, 2) : size).macs;
    size = output;
  }
  return total;
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
  network: ResNetOptions | ResNet,
  { height = 224, width = 224 }: Partial<ImageSize> = {},
): number {
  for (const [name, size] of Object.entries({ height, width })) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(
        `countMultiplyAdds: expected ${name} to be a positive integer, got ${size}.`,
      );
    }
  }
  const config = configOf(network);
  const architecture = architectureOf(config);
  return (
    convolutionMacs(architecture, { height, width }) + architecture.features * config.numClasses
  );
}
