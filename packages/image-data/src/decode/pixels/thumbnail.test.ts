import sharp from 'sharp';
import { expect, test } from 'vitest';
import { thumbnail } from './thumbnail.ts';

test.each([
  { given: { height: 300, width: 400, channels: 3 }, made: { height: 96, width: 128 } },
  { given: { height: 200, width: 100, channels: 1 }, made: { height: 128, width: 64 } },
  { given: { height: 8, width: 12, channels: 3 }, made: { height: 8, width: 12 } },
] as const)('$given.heightx$given.width becomes a small JPEG', async ({ given, made }) => {
  const pixels = new Uint8Array(given.height * given.width * given.channels).fill(200);
  const jpeg = sharp(await thumbnail({ kind: 'pixels', pixels, ...given }));
  expect(await jpeg.metadata()).toMatchObject({ format: 'jpeg', ...made });
  const values = await jpeg.raw().toBuffer();
  expect(values.every((value) => Math.abs(value - 200) <= 2)).toBe(true);
});
