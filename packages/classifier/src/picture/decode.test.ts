import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { imageDataDecoder, sharpDecoder } from './decode.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const digests = JSON.parse(readFileSync(new URL('pictures.json', fixtures), 'utf8')) as object;
const bytesOf = (name: string) => readFileSync(new URL(`pictures/${name}`, fixtures));

test.each([
  ['image-data', imageDataDecoder],
  ['sharp', sharpDecoder],
])('%s decodes what Pillow decodes, bit for bit, and turns nothing', async (_, open) => {
  const decode = await open();
  const got = Object.keys(digests).map(async (name) => {
    const { data, width, height } = await decode(bytesOf(name));
    expect(data.length).toBe(width * height * 3);
    return [name, createHash('sha256').update(data).digest('hex').slice(0, 16)];
  });
  expect(Object.fromEntries(await Promise.all(got))).toEqual(digests);
});
