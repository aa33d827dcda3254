import { clipByGlobalNorm } from '@bag-of-tricks/gradient-clipping';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** Gradients whose norm over all parameters is too large are scaled down to it; after any loss scale was taken out. */
export const gradientClipping = defineTrick({
  name: 'gradientClipping',
  description: 'limit the global norm of the gradients',
  settings: {
    maxNorm: z.number().positive().default(1).describe('largest global norm of the gradients'),
  },
  flags: [
    ['--clip-grad <norm>', 'maxNorm'],
    ['--no-clip-grad', null, 'take gradients as they are'],
  ],
  build: ({ maxNorm }) => ({
    gradients: (inner) => (batch, at, seed) => {
      const { gradients, metrics } = inner(batch, at, seed);
      const clipped = clipByGlobalNorm(gradients, { maxNorm });
      return { gradients: clipped.gradients, metrics: { ...metrics, gradNorm: clipped.norm } };
    },
    columns: [{ value: 'gradNorm', jsonl: 'gradNorm', console: 'Norm' }],
  }),
});
