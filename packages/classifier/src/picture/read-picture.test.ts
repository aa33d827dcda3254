import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { description } from '../../test/small-export.ts';
import { pictureReader } from './read-picture.ts';

vi.mock('@bag-of-tricks/image-data', () => {
  throw new Error('not installed');
});

test('a GIF whose frame reaches beyond its screen is a bad image of sharp', async () => {
  // Its byte 6 is the width of the screen.
  const gif = readFileSync(new URL('../../fixtures/pictures/plain.gif', import.meta.url));
  const read = pictureReader(description, { exifOrientation: false, maxPixels: 1e6 });
  expect(await read(gif, 'whole')).toHaveLength(768);
  await expect(read(gif.with(6, 50), 'upload 7')).rejects.toMatchObject({
    name: 'BadImageError',
    failure: 'damaged',
    message: expect.stringContaining(
      'upload 7, got one that cannot be read (it says 50x61 pixels and has 97x61)',
    ),
  });
});
