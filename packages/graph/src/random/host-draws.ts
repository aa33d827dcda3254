import { type Random, sampleNormal, seededRandom } from '@bag-of-tricks/random';
import type * as tf from '@tensorflow/tfjs-core';
import { type Draw, integers, requireFinite, requireNumeric } from './draw.ts';
import { floatBelow } from './float-below.ts';

/** Draws in JavaScript, for backends other than ours, by a key alone: (seed, step, place, the op's seed). */
export class HostDraws {
  readonly #seed: number;
  readonly #step: number;
  #places = 0;

  constructor(seed: number, step: number) {
    this.#seed = seed;
    this.#step = step;
  }

  /** Tensors drawn so far. */
  get count(): number {
    return this.#places;
  }

  /** @throws TypeError or RangeError - for a type or a range that no number of that type is in. */
  draw(draw: Draw, make: ReturnType<typeof tf.engine>['makeTensor']): tf.Tensor {
    const dtype = requireNumeric(draw);
    requireFinite(draw.op, draw.distribution);
    const key = [this.#seed, this.#step, this.#places++, JSON.stringify(draw.seed)];
    const next = sampler(draw, seededRandom(...key));
    const size = draw.shape.reduce((product, length) => product * length, 1);
    const values = new { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype](size);
    for (let i = 0; i < size; i++) values[i] = next();
    return make(values, [...draw.shape], dtype);
  }
}

/** What gives one number after the other. */
function sampler({ op, distribution, dtype }: Draw, random: Random): () => number {
  const isFloat = dtype === 'float32';
  if (distribution.kind !== 'uniform') {
    const { kind, mean, stdDev } = distribution;
    const standard = kind === 'normal' ? () => sampleNormal(random) : () => truncated(random);
    const moved = () => mean + stdDev * standard();
    return isFloat ? moved : () => Math.round(moved());
  }
  const { min, range } = distribution;
  if (isFloat) {
    // float32 may round up to the bound, which is not in the range.
    const below = range > 0 ? floatBelow(min + range) : Number.POSITIVE_INFINITY;
    return () => Math.min(min + range * random(), below);
  }
  const [lower, upper] = integers(op, min, min + range);
  const whole = () => lower + Math.floor((upper - lower) * random());
  return dtype === 'int32' ? whole : () => (whole() === 0 ? 0 : 1);
}

/** From the normal distribution, drawn anew beyond two standard deviations. */
function truncated(random: Random): number {
  const z = sampleNormal(random);
  return Math.abs(z) <= 2 ? z : truncated(random);
}
