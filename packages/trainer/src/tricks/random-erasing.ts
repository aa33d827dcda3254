import { randomErasing as erase } from '@bag-of-tricks/image-data';
import { defineTrick, requireColors } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** A random rectangle of some training images is overwritten with the pixel mean (Zhong et al. 2020). */
export const randomErasing = defineTrick({
  name: 'randomErasing',
  description: 'overwrite a random rectangle of some images',
  settings: {
    probability: z
      .number()
      .min(0)
      .max(1)
      .default(0.25)
      .describe('probability that an image has a rectangle overwritten'),
  },
  flags: [
    ['--random-erasing <probability>', 'probability'],
    ['--no-random-erasing', null, 'without random erasing'],
  ],
  build: ({ probability }, { dataset }) => {
    requireColors('randomErasing', dataset);
    const color = dataset.mean.map(Math.round) as [number, number, number];
    return {
      data: () => ({
        augment: [(picture, random) => erase(picture, random, { probability, color })],
      }),
    };
  },
});
