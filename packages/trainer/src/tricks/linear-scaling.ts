import { scaleLearningRate } from '@bag-of-tricks/lr-schedules';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** The learning rate grows with the batch: rate = base * batchSize * processes / baseBatchSize (section 3.1). */
export const linearScaling = defineTrick({
  name: 'linearScaling',
  description: 'multiply the learning rate by batchSize / baseBatchSize (section 3.1)',
  on: true,
  settings: {
    baseBatchSize: z.int().min(1).default(256).describe('batch size that the base rate is for'),
  },
  flags: [
    ['--linear-scaling', {}, 'rate = base * batch size / base size'],
    ['--no-linear-scaling', null, 'use --lr-base as it is'],
    ['--lr-base-size <n>', 'baseBatchSize'],
  ],
  schedule:
    ({ baseBatchSize }, { batchSize }) =>
    (inner) =>
    (plan) =>
      inner({
        ...plan,
        peak: scaleLearningRate(plan.peak, {
          batchSize: batchSize * plan.processes,
          baseBatchSize,
        }),
      }),
});
