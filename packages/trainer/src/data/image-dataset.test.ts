import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { parseConfig } from '../config/parse.ts';
import { openDataset } from './open.ts';

/** EXIF with one tag, the orientation, in an APP1 segment. */
function exifSegment(orientation: number): Buffer {
  const tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const tiff = [...Buffer.from('MM'), 0, 42, 0, 0, 0, 8, 0, 1, ...tag, 0, 0, 0, 0];
  const body = [...Buffer.from('Exif'), 0, 0, ...tiff];
  return Buffer.from([0xff, 0xe1, 0, body.length + 2, ...body]);
}

const side = 32;

async function firstEvalImage(dataDir: string, exifOrientation: boolean): Promise<Uint8Array> {
  const config = parseConfig({
    ...{ dataDir, batchSize: 2, augment: { crop: 'pad' } },
    input: { imageSize: side, exifOrientation },
  });
  const dataset = await openDataset(config, { onWarning: () => {} });
  try {
    for await (const { images } of dataset.evalBatches({ batchSize: 1, epoch: 0 })) {
      return images.slice(0, side * side * 3);
    }
    throw new Error('no evaluation images');
  } finally {
    await dataset.close();
  }
}

test('images stand as they are stored, as in timm, or upright where the EXIF tag is asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exif-'));
  await makeImageFolder(folder, { trainPerClass: 2, evalPerClass: 1, side });
  const [name] = readdirSync(join(folder, 'val/blue'));
  const path = join(folder, 'val/blue', name!);
  const jpeg = readFileSync(path);
  const stored = await firstEvalImage(folder, true);
  // 6: the first stored row is the right-hand column.
  writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), exifSegment(6), jpeg.subarray(2)]));
  expect(await firstEvalImage(folder, false)).toEqual(stored);
  const upright = await firstEvalImage(folder, true);
  const pixel = (image: Uint8Array, y: number, x: number) =>
    image.slice((y * side + x) * 3, (y * side + x + 1) * 3);
  for (const [y, x] of [
    [0, 0],
    [0, 31],
    [31, 0],
    [5, 20],
    [17, 3],
  ] as const) {
    expect(pixel(upright, y, x)).toEqual(pixel(stored, side - 1 - x, y));
  }
  expect(upright).not.toEqual(stored);
});
