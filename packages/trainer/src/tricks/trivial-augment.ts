import { trivialAugment as vary } from '@bag-of-tricks/image-data';
import { defineTrick, requireColors } from '@bag-of-tricks/train-step';

/** One operation at a magnitude of its own changes each training image (Müller and Hutter 2021). */
export const trivialAugment = defineTrick({
  name: 'trivialAugment',
  description: 'change each image by one operation of any magnitude',
  settings: {},
  flags: [
    ['--trivial-augment', {}, 'one operation an image, of any strength'],
    ['--no-trivial-augment', null, 'without TrivialAugment'],
  ],
  build(_, { dataset }) {
    requireColors('trivialAugment', dataset);
    return { data: () => ({ augment: [vary] }) };
  },
});
