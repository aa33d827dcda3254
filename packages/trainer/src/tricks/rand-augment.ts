import { randAugment as vary } from '@bag-of-tricks/image-data';
import { defineTrick, requireColors } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** Some operations drawn from fourteen change each training image, all at one magnitude (Cubuk et al. 2020). */
export const randAugment = defineTrick({
  name: 'randAugment',
  description: 'change each image by operations of one magnitude',
  settings: {
    count: z.int().min(1).max(16).default(2).describe('operations an image'),
    magnitude: z.int().min(0).max(30).default(9).describe('strength of the operations, 0 to 30'),
  },
  flags: [
    ['--rand-augment', {}, 'two operations an image at magnitude 9'],
    ['--rand-augment-count <n>', 'count'],
    ['--rand-augment-magnitude <m>', 'magnitude'],
    ['--no-rand-augment', null, 'without RandAugment'],
  ],
  build: (settings, { dataset }) => {
    requireColors('randAugment', dataset);
    return {
      data: () => ({ augment: [(picture, random) => vary(picture, random, settings)] }),
    };
  },
});
