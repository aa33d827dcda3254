import { createRandom } from '@bag-of-tricks/mixup';
import type { InputSettings } from './input-settings.ts';
import { deriveSeed, purpose } from './seed.ts';

/** Numbers that are drawn for the colours of an image: factors of brightness, contrast and saturation, and three of PCA noise. */
export const colorColumns = 6;

/** Where in the run the images stand that colours are drawn for. */
export interface ColorDrawOptions extends Pick<InputSettings, 'colorJitter' | 'pcaNoise'> {
  readonly seed: number;
  readonly epoch: number;
  /** Position in the epoch of the first image. */
  readonly firstPosition: number;
  readonly rows: number;
}

/** A standard normal number, by Box and Muller. */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Draw the colours of a batch, `[rows, 6]`: three factors from U[1 - colorJitter, 1 + colorJitter] and three coefficients from
 * N(0, pcaNoise). Each image's numbers depend only on (seed, epoch, position).
 */
export function drawColors(options: ColorDrawOptions): Float32Array {
  const { seed, epoch, firstPosition, rows, colorJitter, pcaNoise } = options;
  const draws = new Float32Array(rows * colorColumns);
  for (let row = 0; row < rows; row++) {
    const random = createRandom(deriveSeed(seed, epoch, purpose.color, firstPosition + row));
    const factor = () => 1 + colorJitter * (2 * random() - 1);
    const coefficient = () => pcaNoise * drawNormal(random);
    draws.set(
      [factor(), factor(), factor(), coefficient(), coefficient(), coefficient()],
      row * colorColumns,
    );
  }
  return draws;
}
