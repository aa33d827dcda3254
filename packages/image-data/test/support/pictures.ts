import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { ImageDecoder, PlaceImage } from '../../src/index.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);

/** A stored image of the fixtures. */
export function stored(name: string) {
  const bytes = new Uint8Array(readFileSync(new URL(`images/${name}`, fixtures)));
  return { kind: 'encoded', bytes } as const;
}

/** The pixels that Pillow and torchvision made, `[height, width, 3]`. */
export async function expected(name: string): Promise<Uint8Array> {
  const png = readFileSync(new URL(`expected/${name}.png`, fixtures));
  return sharp(png).removeAlpha().toColourspace('srgb').raw().toBuffer();
}

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as T;
}

/** Decodes one image of the fixtures, which must succeed. */
export async function decodeOne(decoder: ImageDecoder, name: string, place: PlaceImage) {
  const image = stored(name);
  const placement = place(decoder.header(image, name), Math.random);
  const { images, failures } = await decoder.decode([{ image, name, placement }]);
  if (failures[0] !== undefined) throw failures[0].error;
  return images;
}

/** The mean and the greatest difference of two pictures, in levels of 255. */
export function difference(actual: Uint8Array, wanted: Uint8Array) {
  if (actual.length !== wanted.length) return { mean: Number.NaN, max: Number.NaN };
  let sum = 0;
  let max = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - wanted[i]!);
    sum += error;
    max = Math.max(max, error);
  }
  return { mean: sum / actual.length, max };
}

/** Small numbers of [0, 1), the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
