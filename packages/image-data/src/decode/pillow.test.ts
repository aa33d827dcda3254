import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fixture, seeded } from '../../test/support/pictures.ts';
import { createImageDecoder, type Interpolation } from '../index.ts';

type Case = [
  seed: number,
  channels: 1 | 3,
  interpolation: Interpolation,
  ...[height: number, width: number, toHeight: number, toWidth: number],
  digest: string,
];
const cases = fixture<Case[]>('resizes.json');

test.each([
  ['bilinear', 3],
  ['bilinear', 1],
  ['bicubic', 3],
  ['bicubic', 1],
  ['lanczos', 3],
  ['lanczos', 1],
] as const)("%s of %i channels is Pillow's, bit for bit, at every size", async (name, channels) => {
  const decoder = await createImageDecoder({ size: 1, channels, interpolation: name, threads: 1 });
  const some = cases.filter(([, of, by]) => of === channels && by === name);
  expect(some).toHaveLength(83);
  for (const [seed, , , height, width, toHeight, toWidth, digest] of some) {
    const random = seeded(seed);
    const pixels = Uint8Array.from({ length: height * width * channels }, () => random() * 256);
    const size = { height: toHeight, width: toWidth };
    const placement = {
      window: { top: 0, left: 0, height, width },
      resized: size,
      offset: { top: 0, left: 0 },
      flip: false,
    };
    const image = { kind: 'pixels', pixels, height, width, channels } as const;
    const sizes = `${height}x${width} to ${toHeight}x${toWidth}`;
    const { images } = await decoder.decode([{ image, name: sizes, placement }], { size });
    const got = createHash('sha256').update(images).digest('hex').slice(0, 16);
    expect([sizes, got]).toEqual([sizes, digest]);
  }
  await decoder.dispose();
});

test("a placement's filter goes before the decoder's", async () => {
  const random = seeded(1);
  const size = { height: 9, width: 9 };
  const pixels = Uint8Array.from({ length: 31 * 31 * 3 }, () => random() * 256);
  const image = { kind: 'pixels', pixels, height: 31, width: 31 } as const;
  const placement = {
    window: { top: 0, left: 0, height: 31, width: 31 },
    resized: size,
    offset: { top: 0, left: 0 },
    flip: false,
  };
  const decodeBy = async (decodersOwn: Interpolation, placements?: Interpolation) => {
    const decoder = await createImageDecoder({ size, interpolation: decodersOwn, threads: 1 });
    const given = placements ? { ...placement, interpolation: placements } : placement;
    const { images } = await decoder.decode([{ image, name: 'noise', placement: given }]);
    await decoder.dispose();
    return images;
  };
  const cubic = await decodeBy('bicubic');
  expect(await decodeBy('lanczos', 'bicubic')).toEqual(cubic);
  expect(await decodeBy('lanczos')).not.toEqual(cubic);
});
