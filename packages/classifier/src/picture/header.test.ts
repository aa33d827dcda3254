import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadImageError } from '../bad-image-error.ts';
import { readHeader } from './header.ts';

const folder = new URL('../../fixtures/pictures/', import.meta.url);
const pictures = readdirSync(folder).map(
  (name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))] as const,
);

test.each(pictures)('%s: its kind, its size, and where its orientation stands', (name, bytes) => {
  const { format, width, height, orientation, orientationAt } = readHeader(bytes, name);
  expect(format.replace('jpeg', 'jpg')).toBe(name.split('.')[1]);
  expect([width, height]).toEqual(name === 'large.jpg' ? [900, 600] : [97, 61]);
  expect(orientation).toBe(name.startsWith('turned') ? 6 : 1);
  expect(orientationAt && bytes[orientationAt]).toBe(orientation === 6 ? 6 : undefined);
});

test('a WebP and a GIF with their own ways to say a size', () => {
  const riff = (chunk: string, ...rest: number[]) =>
    Uint8Array.from([...Buffer.from('RIFF\0\0\0\0WEBP'), ...Buffer.from(chunk), ...rest]);
  const extended = riff('VP8X', 10, 0, 0, 0, 0, 0, 0, 0, 0xff, 1, 0, 0x2b, 1, 0);
  expect(readHeader(extended, 'x')).toMatchObject({ format: 'webp', width: 512, height: 300 });
  const lossless = riff('VP8L', 5, 0, 0, 0, 0x2f, 0x60, 0x00, 0x0f, 0x00);
  expect(readHeader(lossless, 'x')).toMatchObject({ width: 97, height: 61 });
});

test('an orientation behind the pixels of a PNG does not count', () => {
  const bytes = Buffer.from(pictures.find(([name]) => name === 'turned.png')![1]);
  const at = bytes.indexOf('eXIf') - 4;
  const chunk = bytes.subarray(at, at + bytes.readUInt32BE(at) + 12);
  const rest = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + chunk.length)]);
  const end = rest.length - 12;
  const moved = Buffer.concat([rest.subarray(0, end), chunk, rest.subarray(end)]);
  expect(readHeader(moved, 'moved').orientation).toBe(1);
});

test('each picture without its end is refused, wherever it is cut', () => {
  for (const [name, bytes] of pictures) {
    // The GIF's last byte says that no picture follows.
    const needed = bytes.length - (name.endsWith('gif') ? 2 : 1);
    const step = Math.ceil(needed / 500);
    for (let length = needed; length >= 0; length -= step) {
      expect(() => readHeader(bytes.subarray(0, length), name), `${name}, ${length}`).toThrow(
        BadImageError,
      );
    }
  }
});

test('damaged bytes give a header or are refused, and nothing else', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...pictures), damage, ([name, bytes], changes) => {
      const damaged = bytes.slice();
      for (const [at, value] of changes) damaged[at] = value;
      try {
        const { orientation } = readHeader(damaged, name);
        expect(orientation).toBeGreaterThanOrEqual(1);
        expect(orientation).toBeLessThanOrEqual(8);
      } catch (error) {
        expect(error).toBeInstanceOf(BadImageError);
      }
    }),
    { numRuns: 2000 },
  );
});
