import type { Random } from './random.ts';
import { drawUniform } from './uniform.ts';

/** At least 95 of 100 proposals are accepted, so so many refusals in a row mean a broken generator. */
const MAX_REJECTIONS = 1000;

/**
 * The logarithm of a Gamma(shape, 1) variate (Marsaglia and Tsang, 2000). The logarithm, because with a
 * shape much below 1 the variate itself underflows to zero.
 */
export function sampleLogGamma(caller: string, shape: number, random: Random): number {
  if (shape < 1) {
    // G(a) = G(a + 1) U^(1/a)
    const logU = Math.log(1 - drawUniform(caller, random));
    return sampleLogGamma(caller, shape + 1, random) + logU / shape;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let i = 0; i < MAX_REJECTIONS; i++) {
    const x = sampleNormal(caller, random);
    const v = (1 + c * x) ** 3;
    const logU = Math.log(1 - drawUniform(caller, random));
    if (v > 0 && logU <= 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d) + Math.log(v);
  }
  throw new Error(
    `${caller}: expected random() to return independent numbers, but ${MAX_REJECTIONS} proposals in a row were refused. Pass createRandom(seed).`,
  );
}

/** A standard normal variate (Box and Muller, 1958). */
function sampleNormal(caller: string, random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - drawUniform(caller, random)));
  return radius * Math.cos(2 * Math.PI * drawUniform(caller, random));
}
