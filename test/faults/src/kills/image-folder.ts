import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seededRandom } from '@bag-of-tricks/random';
import sharp from 'sharp';

const colors = { blue: [40, 60, 200], green: [40, 180, 60], red: [200, 50, 40] } as const;

/** Images of each class, by splits. */
const counts = { train: 8, val: 4 } as const;

/** Writes a small folder of JPEGs in three classes that differ in colour; each image has another size. */
export async function writeImageFolder(folder: string): Promise<void> {
  const random = seededRandom(5);
  for (const [split, count] of Object.entries(counts)) {
    for (const [name, color] of Object.entries(colors)) {
      for (let i = 0; i < count; i++) {
        const path = join(folder, split, name, `${i}.jpg`);
        mkdirSync(dirname(path), { recursive: true });
        const [width, height] = [20 + i, 28 - i];
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, place) =>
          Math.min(255, color[place % 3]! + 90 * random()),
        );
        await sharp(pixels, { raw: { width, height, channels: 3 } })
          .jpeg()
          .toFile(path);
      }
    }
  }
}
