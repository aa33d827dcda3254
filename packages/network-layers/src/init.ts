import { type Random, sampleNormal, seededRandom } from '@bag-of-tricks/random';
import { sizeOf } from './layout.ts';
import type { ParameterSpec } from './parameters.ts';

/** `xavier`: the paper's Xavier uniform. `he`: He normal over the fan-out, as timm. */
export type Init = 'xavier' | 'he';

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Inputs and outputs of one unit; a convolution's receptive field counts into both, channels of other groups do not. */
export function fansOf({ shape, groups = 1 }: Pick<ParameterSpec, 'shape' | 'groups'>): Fans {
  const receptiveField = sizeOf(shape.slice(0, -2));
  return {
    fanIn: receptiveField * shape.at(-2)!,
    fanOut: (receptiveField * shape.at(-1)!) / groups,
  };
}

/** Xavier uniform on [-a, a], a = sqrt(6 / (fanIn + fanOut)): the paper's, for convolutions and the dense layer alike. */
function xavierBound({ fanIn, fanOut }: Fans): number {
  return Math.sqrt(6 / (fanIn + fanOut));
}

function weights(spec: ParameterSpec, init: Init, random: Random): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  const fans = fansOf(spec);
  const uniform = (bound: number) => values.map(() => (2 * random() - 1) * bound);
  if (init === 'xavier') return uniform(xavierBound(fans));
  // timm leaves the dense layer at PyTorch's default, uniform on 1 / sqrt(fanIn).
  if (spec.kind === 'dense') return uniform(1 / Math.sqrt(fans.fanIn));
  const deviation = Math.sqrt(2 / fans.fanOut);
  return values.map(() => deviation * sampleNormal(random));
}

/**
 * The initial values of one parameter. They depend on the seed and the parameter's name only, so a layer that is added
 * elsewhere changes no other layer's draws.
 */
export function initialValues(
  spec: ParameterSpec,
  { init, seed }: { readonly init: Init; readonly seed: number },
): Float32Array {
  switch (spec.kind) {
    case 'kernel':
    case 'dense':
      return weights(spec, init, seededRandom(seed, spec.name));
    case 'gamma':
    case 'runningVariance':
      return new Float32Array(spec.shape[0]!).fill(1);
    case 'bias':
    case 'beta':
    case 'zeroGamma':
    case 'runningMean':
      return new Float32Array(spec.shape[0]!);
  }
}
