import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stored } from '../../../test/support/pictures.ts';
import { BadImageError } from '../../bad-image-error.ts';
import { defaultBudget } from './image-budget.ts';
import { readHeader } from './read-header.ts';

const options = { ...defaultBudget, maxPixels: 10_000_000, exifOrientation: false };
const encoded = (...bytes: (number | string)[]) => ({
  kind: 'encoded' as const,
  bytes: Uint8Array.from(
    bytes.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [part])),
  ),
});

test.each([
  ['h2v2.jpg', 'jpeg'],
  ['progressive.jpg', 'jpeg'],
  ['cmyk.jpg', 'jpeg'],
  ['rgba.png', 'png'],
  ['lossless.webp', 'webp'],
  ['lossy.webp', 'webp'],
  ['alpha.webp', 'webp'],
  ['animated.gif', 'gif'],
])('%s is 101x137 %s, whatever it is called', (name, format) => {
  const header = readHeader(stored(name), 'called.bmp', options);
  expect(header).toEqual({ format, height: 101, width: 137, orientation: 1 });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'orientation %i is read only where it is asked for',
  (orientation) => {
    const image = stored(`orientation-${orientation}.jpg`);
    expect(readHeader(image, 'x', options)).toMatchObject({
      height: 45,
      width: 61,
      orientation: 1,
    });
    const upright = orientation < 5 ? { height: 45, width: 61 } : { height: 61, width: 45 };
    const applied = readHeader(image, 'x', { ...options, exifOrientation: true });
    expect(applied).toMatchObject({ ...upright, orientation });
  },
);

test.each([
  ['nothing', encoded(), 'is empty'],
  ['text', encoded('Dear Sir or Madam'), 'is not a JPEG, PNG, WebP or GIF'],
  ['zeros', encoded(...new Array(100).fill(0)), 'is not a JPEG'],
  ['two bytes of JPEG', encoded(0xff, 0xd8), 'damaged header'],
  ['a JPEG without a frame', encoded(0xff, 0xd8, 0xff, 0xd9, 'rest'), 'no frame header'],
  ['the start of a PNG', encoded('\x89PNG\r\n\x1a\n'), 'damaged header'],
  ['a GIF of no width', encoded('GIF89a', 0, 0, 5, 0), 'has none'],
  [
    'a GIF of 4 billion pixels',
    encoded('GIF89a', 0xff, 0xff, 0xff, 0xff),
    '65535x65535 pixels are more than the limit of 10000000',
  ],
  [
    'pixels of another size',
    { kind: 'pixels' as const, pixels: new Uint8Array(11), height: 2, width: 2 },
    '11 bytes are not 2x2x3 pixels',
  ],
])('%s is a bad image', (_, image, message) => {
  expect(() => readHeader(image, 'train/cat/1.jpg', options)).toThrow(BadImageError);
  expect(() => readHeader(image, 'train/cat/1.jpg', options)).toThrow(`train/cat/1.jpg: `);
  expect(() => readHeader(image, 'train/cat/1.jpg', options)).toThrow(message);
});

test('any bytes behind any signature are a header or a bad image, at once', () => {
  const signature = fc.constantFrom(
    '',
    '\xff\xd8',
    '\xff\xd8\xff\xe1\x00\x40Exif\0\0',
    '\x89PNG\r\n\x1a\n',
    'GIF89a',
    'RIFF1234WEBPVP8X',
  );
  fc.assert(
    fc.property(signature, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      try {
        const header = readHeader(encoded(start, ...rest), 'x', {
          ...options,
          exifOrientation: true,
        });
        expect(header.width * header.height).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(BadImageError);
      }
    }),
    { numRuns: 2000 },
  );
});
