import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What is used of sharp, which the tests take from image-data's dependencies. */
type Sharp = (
  pixels: Uint8Array,
  options: {
    readonly raw: { readonly width: number; readonly height: number; readonly channels: 3 };
  },
) => { jpeg(options: { readonly quality: number }): { toBuffer(): Promise<Buffer> } };

const imageData = createRequire(import.meta.url).resolve('@bag-of-tricks/image-data/package.json');
const sharp = createRequire(imageData)('sharp') as Sharp;

/** The classes of the folder, which differ in colour. */
const colors = { blue: [40, 60, 200], green: [40, 180, 60], red: [200, 50, 40] } as const;

/** A JPEG with stripes and a little noise over the class's colour. */
function picture(
  color: readonly [number, number, number],
  {
    width,
    height,
    seed,
  }: { readonly width: number; readonly height: number; readonly seed: number },
): Promise<Buffer> {
  const pixels = new Uint8Array(width * height * 3);
  let state = seed;
  for (let i = 0; i < width * height; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const light = 24 * Math.sin((i % width) / (5 + (seed % 7))) + (state >>> 28);
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Math.max(0, Math.min(255, color[c]! + light));
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Options of `makeImageFolder`. */
export interface MakeImageFolderOptions {
  readonly trainPerClass: number;
  readonly evalPerClass: number;
  /** Shorter side in pixels; every image has another shape. */
  readonly side: number;
}

/** Writes `train/<class>/*.jpg` and `val/<class>/*.jpg` for three classes. */
export async function makeImageFolder(
  folder: string,
  { trainPerClass, evalPerClass, side }: MakeImageFolderOptions,
): Promise<void> {
  let seed = 1;
  for (const [split, count] of [
    ['train', trainPerClass],
    ['val', evalPerClass],
  ] as const) {
    for (const [name, color] of Object.entries(colors)) {
      for (let i = 0; i < count; i++) {
        const path = join(folder, split, name, `${i}.jpg`);
        mkdirSync(dirname(path), { recursive: true });
        const [width, height] = i % 2 === 0 ? [side + 3 * i, side] : [side, side + 5 * i];
        writeFileSync(path, await picture(color, { width, height, seed: seed++ }));
      }
    }
  }
}
