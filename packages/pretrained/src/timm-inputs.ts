import { unknownInput, type WeightsInput } from './weights.ts';

const half = [127.5, 127.5, 127.5];

const of = (imageSize: number, cropPct: number, interpolation: string): WeightsInput => ({
  ...{ imageSize, channels: 3, mean: half, std: half, interpolation, cropPct },
});

/** The networks all of whose weights in timm 1.0.31 saw images in one way, other than timm's usual one. */
const inputs: Readonly<Record<string, WeightsInput>> = {
  tf_efficientnet_lite0: of(224, 0.875, 'bicubic'),
  tf_efficientnet_lite1: of(240, 0.882, 'bicubic'),
  tf_efficientnet_lite2: of(260, 0.89, 'bicubic'),
  tf_efficientnet_lite3: of(300, 0.904, 'bilinear'),
  tf_efficientnet_lite4: of(380, 0.92, 'bilinear'),
  mobilenetv1_100: of(224, 0.875, 'bicubic'),
  mobilenetv1_100h: of(224, 0.875, 'bicubic'),
  mobilenetv1_125: of(224, 0.9, 'bicubic'),
};

/** How images come into the weights of a file that timm's name is all that is known of. */
export const timmInput = (architecture: string | null): WeightsInput =>
  architecture !== null && Object.hasOwn(inputs, architecture)
    ? inputs[architecture]!
    : unknownInput;
