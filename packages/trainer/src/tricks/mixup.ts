import { mixup as mix } from '@bag-of-tricks/mixup';
import { sampleBeta } from '@bag-of-tricks/random';
import { defineTrick } from '@bag-of-tricks/train-step';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** Every image is blended with the one at its place in the reversed batch, and so are their targets (section 5.4). */
export const mixup = defineTrick({
  name: 'mixup',
  description: 'blend each image and its target with another (section 5.4)',
  on: true,
  settings: {
    alpha: z
      .number()
      .positive()
      .max(100)
      .default(0.2)
      .describe('lambda is drawn from Beta(alpha, alpha)'),
    lastEpochsOff: z.int().min(0).default(0).describe('no mixup in the last N epochs'),
  },
  flags: [
    ['--mixup-alpha <alpha>', 'alpha'],
    ['--mixup-last-epochs-off <n>', 'lastEpochsOff'],
    ['--no-mixup', null, 'train on images as they are'],
  ],
  check: ({ lastEpochsOff }, { epochs }) =>
    lastEpochsOff <= epochs
      ? []
      : [`mixup.lastEpochsOff: expected at most epochs (${epochs}), got ${lastEpochsOff}`],
  build: ({ alpha, lastEpochsOff }) => ({
    draws: {
      shapes: { lambda: [] },
      draw: ({ epoch, epochs, random }) => ({
        lambda: epoch < epochs - lastEpochsOff ? sampleBeta(alpha, alpha, random) : 1,
      }),
      turn: { group: 'mixing', share: 1, idle: () => ({ lambda: 1 }) },
    },
    prepare: (inner) => (batch, at) => {
      const { images, targets } = inner(batch, at);
      const mixed = mix(images, targets, { lambda: at.draws.lambda as tf.Scalar });
      return { images: mixed.inputs, targets: mixed.labels };
    },
    columns: [{ value: 'lambda', jsonl: 'lambda' }],
  }),
});
