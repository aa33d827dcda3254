import { requireShare } from '../../check.ts';

export interface ColorJitterStrength {
  /** By how much the factor may differ from 1. Default: 0.4. */
  readonly brightness?: number;
  /** By how much the factor may differ from 1. Default: 0.4. */
  readonly contrast?: number;
  /** By how much the factor may differ from 1. Default: 0.4. */
  readonly saturation?: number;
  /** By how much the colours may turn, in half circles. Default: 0. */
  readonly hue?: number;
}

/** The coefficients of one image for `colorJitter`. */
export type ColorJitterDraw = Required<ColorJitterStrength>;

/**
 * Draws an image's coefficients for `colorJitter`: factors ~ U[1 - strength, 1 + strength], by default the paper's
 * U[0.6, 1.4], and hue ~ U[-strength, strength]. Always takes four draws.
 *
 * @example
 * import { drawColorJitter } from '@bag-of-tricks/image-data';
 *
 * drawColorJitter(() => 0.75); // { brightness: 1.2, contrast: 1.2, saturation: 1.2, hue: 0 }
 *
 * @throws RangeError - if a strength is not a number of [0, 1].
 */
export function drawColorJitter(
  random: () => number,
  { brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0 }: ColorJitterStrength = {},
): ColorJitterDraw {
  for (const [name, value] of Object.entries({ brightness, contrast, saturation, hue })) {
    requireShare('drawColorJitter', name, value);
  }
  const around = (middle: number, strength: number) => middle + strength * (2 * random() - 1);
  return {
    brightness: around(1, brightness),
    contrast: around(1, contrast),
    saturation: around(1, saturation),
    hue: around(0, hue),
  };
}

/**
 * Draws an image's three coefficients for `pcaNoise`, each ~ N(0, deviation), by Box and Muller's method. Always takes
 * four draws.
 *
 * @example
 * import { drawPcaNoise } from '@bag-of-tricks/image-data';
 *
 * const [first, second, third] = drawPcaNoise(Math.random);
 *
 * @throws RangeError - if the deviation is not a number of [0, 1].
 */
export function drawPcaNoise(
  random: () => number,
  { deviation = 0.1 }: { readonly deviation?: number } = {},
): [number, number, number] {
  requireShare('drawPcaNoise', 'deviation', deviation);
  // 1 - u is never 0, whose logarithm has no end.
  const radius = () => deviation * Math.sqrt(-2 * Math.log(1 - random()));
  const [first, second] = [radius(), radius()];
  const [turn, otherTurn] = [2 * Math.PI * random(), 2 * Math.PI * random()];
  return [first * Math.cos(turn), first * Math.sin(turn), second * Math.cos(otherTurn)];
}
