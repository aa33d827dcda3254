import { channelsOf, type Picture } from './picture.ts';

const LEVELS = 256;

/** Replaces each byte by the table of its channel, or by the only table. */
function lookUp(picture: Picture, tables: readonly Uint8Array[]): Picture {
  const pixels = picture.pixels.map((value, index) => tables[index % tables.length]![value]!);
  return { ...picture, pixels };
}

function sameTable(toValue: (value: number) => number): Uint8Array[] {
  return [Uint8Array.from({ length: LEVELS }, (_, value) => toValue(value))];
}

/** Keeps the highest bits. */
export function posterize(picture: Picture, bits: number): Picture {
  return lookUp(
    picture,
    sameTable((value) => value & ~(2 ** (8 - bits) - 1)),
  );
}

/** Inverts the bytes from the threshold on. */
export function solarize(picture: Picture, threshold: number): Picture {
  return lookUp(
    picture,
    sameTable((value) => (value < threshold ? value : 255 - value)),
  );
}

/** Stretches each channel over all levels. */
export function autoContrast(picture: Picture): Picture {
  const tables = histograms(picture).map((counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return identity;
    const scale = 255 / (high - low);
    return Uint8Array.from(identity, (value) =>
      Math.min(255, Math.max(0, Math.trunc(value * scale - low * scale))),
    );
  });
  return lookUp(picture, tables);
}

/** Makes the levels of each channel equally frequent. */
export function equalize(picture: Picture): Picture {
  const tables = histograms(picture).map((counts) => {
    const last = counts[counts.findLastIndex((count) => count > 0)]!;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const step = Math.floor((total - last) / 255);
    if (step === 0) return identity;
    let below = Math.floor(step / 2);
    return Uint8Array.from(counts, (count) => {
      const level = Math.min(255, Math.floor(below / step));
      below += count;
      return level;
    });
  });
  return lookUp(picture, tables);
}

const identity = Uint8Array.from({ length: LEVELS }, (_, value) => value);

function histograms(picture: Picture): number[][] {
  const channels = channelsOf(picture);
  const counts = Array.from({ length: channels }, () => new Array<number>(LEVELS).fill(0));
  for (const [index, value] of picture.pixels.entries()) counts[index % channels]![value]!++;
  return counts;
}
