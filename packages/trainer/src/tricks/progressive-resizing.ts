import { progressiveSize, progressiveStages } from '@bag-of-tricks/progressive-resizing';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Training begins with small images, which cost little, and ends with images of the full size; a graph is traced for each size. */
export const progressiveResizing = defineTrick({
  name: 'progressiveResizing',
  description: 'begin with small images, end with large ones',
  settings: {
    from: z.int().min(1).max(4096).describe('height and width of the first images in pixels'),
    delayFraction: share.default(0.5).describe('share of the epochs with the first size'),
    finetuneFraction: share.default(0.2).describe('share of the epochs with the full size'),
    sizeIncrement: z.int().min(1).default(32).describe('sizes between are multiples of this'),
  },
  flags: [
    ['--progressive-resizing <pixels>', 'from'],
    ['--no-progressive-resizing', null, 'one size in all epochs'],
  ],
  build(settings, { dataset, config: { epochs } }) {
    const options = { ...settings, to: dataset.imageShape[0], epochs };
    const stages = progressiveStages(options).map(
      ({ size, begin, end }) => `${size} px in epochs ${begin} to ${end - 1}`,
    );
    return {
      data: (epoch) => ({ imageSize: progressiveSize(epoch, options) }),
      notes: { lines: [`image sizes: ${stages.join(', ')}`], environment: {} },
    };
  },
});
