import { cutmix as paste, sampleBox } from '@bag-of-tricks/cutmix';
import { sampleBeta } from '@bag-of-tricks/random';
import { defineTrick } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

const nothing = [0, 0, 0, 0];

/** A box of every image comes from the one at its place in the reversed batch, and targets are mixed by area (Yun et al. 2019). */
export const cutmix = defineTrick({
  name: 'cutmix',
  description: 'paste a box of another image, and mix the targets by its area',
  settings: {
    alpha: z
      .number()
      .positive()
      .max(100)
      .default(1)
      .describe('lambda is drawn from Beta(alpha, alpha)'),
    share: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'steps in which it acts where another trick mixes images too; alone it always acts',
      ),
  },
  flags: [
    ['--cutmix-alpha <alpha>', 'alpha'],
    ['--cutmix-share <share>', 'share'],
    ['--no-cutmix', null, 'paste no boxes'],
  ],
  build: ({ alpha, share }) => ({
    needsImages: true,
    draws: {
      shapes: { box: [4] },
      draw({ imageShape: [height, width], random }) {
        const lambda = sampleBeta(alpha, alpha, random);
        const { top, left, bottom, right } = sampleBox({ height, width, lambda, random });
        return { box: [top, left, bottom, right] };
      },
      turn: { group: 'mixing', share, idle: () => ({ box: nothing }) },
    },
    prepare: (inner) => (batch, at) => {
      const { images, targets } = inner(batch, at);
      const box = tf.cast(at.draws.box as tf.Tensor1D, 'int32');
      const mixed = paste(images, targets, { box });
      return { images: mixed.inputs, targets: mixed.labels };
    },
  }),
});
