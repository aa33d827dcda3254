import type { ConvNorm } from './conv-norm.ts';
import { sizeOf } from './layout.ts';
import { isBuffer, type ParameterSpec } from './parameters.ts';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** The number of trainable values: kernels, gammas, betas, dense layers; not the running statistics. */
export function countTrainable(specs: readonly ParameterSpec[]): number {
  return specs
    .filter((spec) => !isBuffer(spec))
    .reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** The size after a stride: every layer here, padded or in ceil mode, gives ceil(size / stride) outputs. */
export function strided({ height, width }: ImageSize, stride: number): ImageSize {
  return { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
}

/** The multiply-adds of one image through convolutions in a row, the values that all of them give, and the size that comes out. */
export function multiplyAdds(
  layers: readonly ConvNorm[],
  input: ImageSize,
): { readonly macs: number; readonly activations: number; readonly output: ImageSize } {
  let macs = 0;
  let activations = 0;
  let output = input;
  for (const { kernelSize, stride, inputChannels, outputChannels, groups = 1 } of layers) {
    output = strided(output, stride);
    const weights = (kernelSize ** 2 * inputChannels * outputChannels) / groups;
    macs += output.height * output.width * weights;
    activations += output.height * output.width * outputChannels;
  }
  return { macs, activations, output };
}

/** @throws RangeError if a size is not a positive number of pixels. */
export function expectImageSize(caller: string, size: ImageSize): void {
  for (const [name, pixels] of Object.entries(size)) {
    if (!Number.isSafeInteger(pixels) || pixels < 1) {
      throw new RangeError(`${caller}: expected ${name} to be a positive integer, got ${pixels}.`);
    }
  }
}
