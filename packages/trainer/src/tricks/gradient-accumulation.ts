import { accumulateGradients } from '@bag-of-tricks/gradient-accumulation';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** The batch goes through the network in parts, and their mean gradient makes one step: a large batch in little memory. */
export const gradientAccumulation = defineTrick({
  name: 'gradientAccumulation',
  description: 'compute the gradients of a batch in parts',
  settings: {
    steps: z.int().min(1).max(4096).describe('parts that the batch is cut into'),
  },
  flags: [
    ['--grad-accum-steps <n>', 'steps'],
    ['--no-grad-accum', null, 'the batch in one piece'],
  ],
  check: ({ steps }, { batchSize }) =>
    batchSize % steps === 0
      ? []
      : [
          `gradientAccumulation.steps: expected a divisor of batchSize (${batchSize}), got ${steps}. Change one of the two`,
        ],
  build: ({ steps }) => ({
    gradients: (inner) => (batch, at, seed) => {
      const { gradients, ...metrics } = accumulateGradients({ ...batch }, { steps }, (part) => {
        const { gradients, metrics } = inner(part, at, seed);
        return { gradients, ...metrics };
      });
      return { gradients, metrics };
    },
  }),
});
