import { smoothLabels } from '@bag-of-tricks/label-smoothing';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** The true class gives a share of its target to the others (section 5.2). */
export const labelSmoothing = defineTrick({
  name: 'labelSmoothing',
  description: 'give a share of the label to the other classes (section 5.2)',
  on: true,
  settings: {
    epsilon: z.number().min(0).lt(1).default(0.1).describe('share of the label given away'),
    form: z
      .enum(['uniform', 'paper'])
      .default('uniform')
      .describe('eps/K for all, or eps/(K-1) for the others'),
  },
  flags: [
    ['--label-smoothing <epsilon>', 'epsilon'],
    ['--label-smoothing-form <name>', 'form'],
    ['--no-label-smoothing', null, 'train on one-hot labels'],
  ],
  build: (settings) => ({
    prepare: (inner) => (batch, at) => {
      const { targets, ...example } = inner(batch, at);
      return { ...example, targets: smoothLabels(targets, settings) };
    },
  }),
});
