import { expect, test } from 'vitest';
import { fixture } from '../../../test/support/pictures.ts';
import { BadImageError, createImageDecoder, resizeCenterCrop } from '../../index.ts';

interface Damaged {
  readonly file: string;
  readonly length: number;
  readonly changed: readonly (readonly [place: number, value: number])[];
  /** By Pillow. */
  readonly refused: boolean;
}

const { files, cases } = fixture<{ files: Record<string, string>; cases: readonly Damaged[] }>(
  'damaged-gifs.json',
);

function bytesOf({ file, length, changed }: Omit<Damaged, 'refused'>): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(files[file]!, 'base64')).slice(0, length);
  for (const [place, value] of changed) bytes[place] = value;
  return bytes;
}

/** Why each GIF is refused; null for one that is decoded. */
async function reasons(gifs: readonly Uint8Array[]): Promise<(string | null)[]> {
  const decoder = await createImageDecoder({ size: 8, threads: 2, maxPixels: 1_000_000 });
  const place = resizeCenterCrop({ size: 8, resize: 8 });
  const decode = async (bytes: Uint8Array) => {
    const image = { kind: 'encoded', bytes } as const;
    try {
      const placement = place(decoder.header(image, 'x.gif'), Math.random);
      const { failures } = await decoder.decode([{ image, name: 'x.gif', placement }]);
      return failures[0]?.error.reason ?? null;
    } catch (error) {
      if (error instanceof BadImageError) return error.reason;
      throw error;
    }
  };
  const all = await Promise.all(gifs.map(decode));
  await decoder.dispose();
  return all;
}

test('a damaged GIF that Pillow refuses is a bad image', async () => {
  const found = await reasons(cases.map(bytesOf));
  const shown = cases.filter(({ refused }, i) => refused && found[i] === null);
  expect(shown).toEqual([]);
  expect(cases.filter(({ refused }) => refused).length).toBeGreaterThan(200);
  // What Pillow shows is shown here too, but for sizes beyond the limit and blocks that run over the end.
  const only = found.filter((reason, i) => reason !== null && !cases[i]!.refused);
  const known = /pixel limit|are more than the limit|Unexpected end|bad extract area/;
  expect(only.filter((reason) => !known.test(reason!))).toEqual([]);
  expect(only.length).toBeLessThan(10);
});

test('whole GIFs are decoded, and codes that end early say after how many pixels', async () => {
  const whole = Object.keys(files).map((file) => bytesOf({ file, length: 1e6, changed: [] }));
  expect(await reasons(whole)).toEqual([null, null, null]);
  const [noise] = whole;
  expect(await reasons([noise!.slice(0, 500), noise!.slice(0, 20)])).toEqual([
    expect.stringMatching(/^cannot be decoded: its codes end after \d+ of 630 pixels$/),
    'cannot be decoded: it has no frame',
  ]);
});
