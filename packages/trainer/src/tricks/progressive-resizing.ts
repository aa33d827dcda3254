import { progressiveSize, progressiveStages } from '@bag-of-tricks/progressive-resizing';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';

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
  check: ({ delayFraction, finetuneFraction }) =>
    delayFraction + finetuneFraction > 1
      ? [
          `progressiveResizing: expected delayFraction and finetuneFraction of together at most 1, got ${delayFraction} and ${finetuneFraction}`,
        ]
      : [],
  build(settings, { dataset, config: { epochs } }) {
    const to = dataset.imageShape[0];
    if (settings.from > to) {
      throw new ConfigError(
        `progressiveResizing.from: expected at most the ${to} pixels of the run's images, got ${settings.from}. Give --progressive-resizing ${to} or less, or larger images`,
      );
    }
    const options = { ...settings, to, epochs };
    const short = progressiveSize(epochs - 1, options) < to;
    const stages = progressiveStages(options).map(
      ({ size, begin, end }) => `${size} px in epochs ${begin} to ${end - 1}`,
    );
    return {
      data: (epoch) => ({ imageSize: progressiveSize(epoch, options) }),
      notes: {
        lines: [
          `image sizes: ${stages.join(', ')}`,
          ...(short
            ? [
                `Warning: no epoch has images of ${to} px. Give more epochs, or a larger progressiveResizing.finetuneFraction`,
              ]
            : []),
        ],
        environment: {},
      },
    };
  },
});
