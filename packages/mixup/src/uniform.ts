import type { Random } from './random.ts';

/** One draw from a user's generator, checked: a bad one would end as NaN or as an endless rejection loop. */
export function drawUniform(caller: string, random: Random): number {
  if (typeof random !== 'function') {
    throw new TypeError(
      `${caller}: expected random to be a function that returns numbers in [0, 1), got ${typeof random}. Pass createRandom(seed).`,
    );
  }
  const u = random();
  if (!(u >= 0 && u < 1)) {
    throw new RangeError(
      `${caller}: expected random() to return a number in [0, 1), got ${String(u)}. Pass createRandom(seed).`,
    );
  }
  return u;
}

/** The generator, or an error that says which value would have to be drawn. */
export function requireRandom(caller: string, missing: string, random: Random | undefined): Random {
  if (random === undefined) {
    throw new TypeError(
      `${caller}: expected random, because no ${missing} was given, got undefined. Pass random: createRandom(seed), or ${missing}.`,
    );
  }
  return random;
}
