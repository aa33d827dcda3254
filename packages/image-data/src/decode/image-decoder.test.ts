import { spawnSync } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeOne, difference, expected, seeded, stored } from '../../test/support/pictures.ts';
import {
  BadImageError,
  createImageDecoder,
  type DecodeRequest,
  type ImageDecoder,
  padCropFlip,
  randomResizedCrop,
  resizeCenterCrop,
} from '../index.ts';

const size = { height: 48, width: 48 };
const evaluation = resizeCenterCrop({ size: 48, resize: 54 });
const imageBytes = 48 * 48 * 3;
let decoder: ImageDecoder;

beforeAll(async () => {
  decoder = await createImageDecoder({ size, antialias: true, threads: 2 });
});
afterAll(() => decoder.dispose());

function request(name: string, bytes = stored(name).bytes): DecodeRequest {
  const placement = evaluation({ height: 101, width: 137 }, Math.random);
  return { image: { kind: 'encoded', bytes }, name, placement };
}

test('one bad image is a failure at its position, and the others are complete', async () => {
  const good = stored('h2v2.jpg').bytes;
  const { images, failures } = await decoder.decode([
    request('h2v2.jpg'),
    request('cut.jpg', good.subarray(0, good.length / 2)),
    request('rgb.png'),
    request('empty.jpg', new Uint8Array(0)),
    request('cut.png', stored('rgb.png').bytes.subarray(0, 5000)),
    request('text.jpg', new TextEncoder().encode('<html>Not found</html>')),
    request('progressive.jpg'),
  ]);
  expect(failures.map(({ position }) => position)).toEqual([1, 3, 4, 5]);
  for (const { error } of failures) expect(error).toBeInstanceOf(BadImageError);
  expect(failures.map(({ error }) => error.message)).toEqual([
    'cut.jpg: is a damaged or truncated JPEG',
    'empty.jpg: is empty',
    expect.stringContaining('cut.png: cannot be decoded: '),
    'text.jpg: is not a JPEG, PNG, WebP or GIF',
  ]);
  const at = (position: number) =>
    images.subarray(position * imageBytes, (position + 1) * imageBytes);
  for (const [position, name] of [
    [0, 'h2v2.jpg'],
    [2, 'rgb.png'],
    [6, 'progressive.jpg'],
  ] as const) {
    expect(difference(at(position), await expected(name)).max).toBe(0);
  }
  for (const { position } of failures)
    expect(at(position).every((value) => value === 0)).toBe(true);
});

test('the pixels do not depend on the number of threads, nor on what else is decoded', async () => {
  const place = randomResizedCrop({ size: 48 });
  const random = seeded(5);
  const requests = Array.from({ length: 40 }, (_, index) => ({
    ...request(['h2v2.jpg', 'rgb.png', 'grey.jpg'][index % 3]!),
    placement: place({ height: 101, width: 137 }, random),
  }));
  const all = await decoder.decode(requests);
  const single = await createImageDecoder({ size, antialias: true, threads: 1 });
  const parts = await Promise.all(requests.map((each) => single.decode([each])));
  expect(all.failures).toEqual([]);
  parts.forEach(({ images }, index) => {
    expect(all.images.subarray(index * imageBytes, (index + 1) * imageBytes)).toEqual(images);
  });
  await single.dispose();
});

test('pixels that need no decoding are padded, cropped and mirrored', async () => {
  const pixels = Uint8Array.from({ length: 48 * 48 * 3 }, (_, index) => 1 + ((index * 7) % 255));
  const image = { kind: 'pixels', pixels, ...size } as const;
  const placement = padCropFlip({ size: 48, padding: 4 })(size, seeded(11));
  const shifted = { ...placement, offset: { top: -3, left: 2 }, flip: true };
  const { images } = await decoder.decode([{ image, name: 'cifar', placement: shifted }]);
  for (let y = 0; y < 48; y++) {
    for (let x = 0; x < 48; x++) {
      const [row, column] = [y - 3, 47 - x + 2];
      const inside = row >= 0 && column < 48;
      for (let c = 0; c < 3; c++) {
        const wanted = inside ? pixels[(row * 48 + column) * 3 + c] : 0;
        expect(images[(y * 48 + x) * 3 + c]).toBe(wanted);
      }
    }
  }
});

/** A PNG with 16 bits a channel, written by the format's specification. */
function deepPng(width: number, height: number, sample: (i: number) => number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    const checksum = Buffer.alloc(4);
    const named = Buffer.concat([Buffer.from(type), data]);
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, checksum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([16, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + 6 * width));
  for (let i = 0; i < 3 * width * height; i++) {
    rows.writeUInt16BE(sample(i), 1 + Math.floor(i / (3 * width)) + 2 * i);
  }
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = chunk('IDAT', deflateSync(rows));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

test('of a PNG with 16 bits a channel the upper eight are kept, and nothing in the cache of sharp', async () => {
  const bytes = deepPng(48, 48, (i) => (i * 257) % 65536);
  const place = padCropFlip({ size: 48, padding: 0, flip: 0 });
  const placement = place({ height: 48, width: 48 }, Math.random);
  const image = { kind: 'encoded', bytes } as const;
  const { images, failures } = await decoder.decode([{ image, name: 'deep.png', placement }]);
  expect(failures).toEqual([]);
  const wanted = Uint8Array.from({ length: imageBytes }, (_, i) => ((i * 257) % 65536) >> 8);
  expect(difference(images, wanted).max).toBeLessThanOrEqual(1);
  expect(sharp.cache().items).toEqual({ current: 0, max: 0 });
});

test('an output wholly beside the window is black', async () => {
  const beside = { ...request('h2v2.jpg').placement, offset: { top: 54, left: 0 } };
  const { images, failures } = await decoder.decode([
    { ...request('h2v2.jpg'), placement: beside },
  ]);
  expect(failures).toEqual([]);
  expect(images.every((value) => value === 0)).toBe(true);
});

test('an image that is a view of a shard is copied, and the shard stays', async () => {
  const { bytes } = stored('h2v2.jpg');
  const shard = Buffer.concat([Buffer.alloc(100), bytes, Buffer.alloc(100)]);
  const view = shard.subarray(100, 100 + bytes.length);
  const { images } = await decoder.decode([request('h2v2.jpg', view)]);
  expect(difference(images, await expected('h2v2.jpg')).max).toBe(0);
  expect(view).toEqual(Buffer.from(bytes));
});

test('a movable image is moved to the thread, but never a buffer that others use too', async () => {
  const whole = stored('rgb.png').bytes;
  const pool = new Uint8Array(whole.length + 1);
  pool.set(whole, 1);
  for (const bytes of [whole, pool.subarray(1)]) {
    const placement = evaluation({ height: 101, width: 137 }, Math.random);
    const image = { kind: 'encoded', bytes, movable: true } as const;
    const { images } = await decoder.decode([{ image, name: 'rgb.png', placement }]);
    expect(difference(images, await expected('rgb.png')).max).toBe(0);
  }
  expect(whole.length).toBe(0);
  expect(pool.length).toBeGreaterThan(0);
});

test('an empty batch is empty', async () => {
  expect(await decoder.decode([])).toEqual({ images: new Uint8Array(0), failures: [] });
});

test('a placement outside the image is an error, not a bad image', async () => {
  const placement = {
    ...request('h2v2.jpg').placement,
    window: { top: 0, left: 100, height: 10, width: 38 },
  };
  const decoding = decoder.decode([{ ...request('h2v2.jpg'), placement }]);
  await expect(decoding).rejects.toThrow(RangeError);
  await expect(decoding).rejects.toThrow('inside the 101x137 image h2v2.jpg');
});

test('the header that comes with a request is believed, not read again', async () => {
  const header = { format: 'jpeg', orientation: 1, height: 50, width: 50 } as const;
  const decoding = decoder.decode([{ ...request('h2v2.jpg'), header }]);
  await expect(decoding).rejects.toThrow('inside the 50x50 image h2v2.jpg');
});

test('an image over the pixel limit is refused before it is decoded', async () => {
  const small = await createImageDecoder({ size, maxPixels: 101 * 137 - 1, threads: 1 });
  const { failures } = await small.decode([request('h2v2.jpg')]);
  expect(failures[0]?.error.message).toContain('137x101 pixels are more than the limit of 13836');
  await small.dispose();
});

test('an aborted call rejects with the reason, and the decoder goes on', async () => {
  const requests = Array.from({ length: 200 }, () => request('h2v2.jpg'));
  const controller = new AbortController();
  const decoding = decoder.decode(requests, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(decoding).rejects.toThrow('enough');
  await expect(decoder.decode(requests, { signal: controller.signal })).rejects.toThrow('enough');
  const after = await decodeOne(decoder, 'h2v2.jpg', evaluation);
  expect(difference(after, await expected('h2v2.jpg')).max).toBe(0);
});

test('dispose rejects what is under way, and whatever comes after', async () => {
  const other = await createImageDecoder({ size, threads: 2 });
  const decoding = other.decode(Array.from({ length: 100 }, () => request('h2v2.jpg')));
  const outcome = expect(decoding).rejects.toThrow('disposed');
  await other.dispose();
  await outcome;
  await expect(other.decode([request('h2v2.jpg')])).rejects.toThrow('disposed');
  await other.dispose();
});

test('an image that stands twice in a batch is decoded twice, even where its buffer may be moved', async () => {
  const image = { ...stored('h2v2.jpg'), movable: true };
  const twice = Array.from({ length: 30 }, () => ({ ...request('h2v2.jpg'), image }));
  const { images, failures } = await decoder.decode(twice);
  expect(failures).toEqual([]);
  const wanted = await expected('h2v2.jpg');
  for (const position of [0, 1, 29]) {
    const actual = images.subarray(position * imageBytes, (position + 1) * imageBytes);
    expect(difference(actual, wanted).max).toBe(0);
  }
});

test('when a thread dies decoding fails, and the next decoder works with the others', async () => {
  const workers: Worker[] = [];
  const note = (worker: Worker) => workers.push(worker);
  process.on('worker', note);
  const other = await createImageDecoder({ size, threads: 5 });
  expect(workers).toHaveLength(0);
  await other.decode([request('h2v2.jpg')]);
  await workers[0]!.terminate();
  await expect(other.decode([request('h2v2.jpg')])).rejects.toThrow('one has ended');
  await Promise.all([other.dispose(), other.dispose()]);
  const started = workers.length;
  const next = await createImageDecoder({ size, antialias: true, threads: 4 });
  expect(
    difference(await decodeOne(next, 'h2v2.jpg', evaluation), await expected('h2v2.jpg')).max,
  ).toBe(0);
  expect(workers).toHaveLength(started);
  process.off('worker', note);
  await next.dispose();
});

test('memory stays flat over many batches, good and bad', { tags: ['slow'] }, async () => {
  const { bytes } = stored('protocol.jpg');
  const placement = evaluation({ height: 311, width: 420 }, Math.random);
  const requests = Array.from({ length: 32 }, (_, index) => ({
    ...request('protocol.jpg', index % 8 === 0 ? bytes.subarray(0, 3000) : bytes),
    placement,
  }));
  const used = async (batches: number) => {
    for (let batch = 0; batch < batches; batch++) await decoder.decode(requests);
    return process.memoryUsage().rss / 2 ** 20;
  };
  const before = await used(20);
  // 60 batches of decoded images, had they been kept, are 700 MB.
  expect((await used(60)) - before).toBeLessThan(100);
});

test('a process that forgets to dispose ends by itself', () => {
  const script = `
    import { createImageDecoder, resizeCenterCrop } from '@bag-of-tricks/image-data';
    const decoder = await createImageDecoder({ size: 8, threads: 2 });
    const pixels = { kind: 'pixels', pixels: new Uint8Array(768), height: 16, width: 16 };
    const placement = resizeCenterCrop({ size: 8, resize: 8 })(pixels, Math.random);
    const { failures } = await decoder.decode([{ image: pixels, name: 'black', placement }]);
    if (failures.length > 0) throw failures[0].error;
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    timeout: 250_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  [{ size: { height: 0, width: 8 } }, 'size'],
  [{ size, jpeg: 'exakt' as 'exact' }, 'jpeg'],
  [{ size, interpolation: 'hamming' as 'bicubic' }, "'bicubic' or 'lanczos', got hamming"],
  [{ size, maxPixels: Number.NaN }, 'maxPixels'],
  [{ size, threads: 1.5 }, 'threads to be a whole number above 0, got 1.5'],
])('%j is refused', async (options, message) => {
  await expect(createImageDecoder(options)).rejects.toThrow(RangeError);
  await expect(createImageDecoder(options)).rejects.toThrow(message);
});
