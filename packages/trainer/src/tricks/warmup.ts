import { withWarmup } from '@bag-of-tricks/lr-schedules';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** The learning rate rises to its peak over the first epochs; what comes after it has the steps that remain (sections 3.1 and 5.1). */
export const warmup = defineTrick({
  name: 'warmup',
  description: 'raise the learning rate linearly over the first epochs (section 3.1)',
  on: true,
  settings: {
    epochs: z.number().positive().default(5).describe('length of the linear warmup'),
    form: z.enum(['paper', 'gluon']).default('paper').describe("the paper's or gluon-cv's count"),
  },
  flags: [
    ['--warmup-epochs <n>', 'epochs'],
    ['--warmup-form <name>', 'form'],
    ['--no-warmup', null, 'start at the full learning rate'],
  ],
  check: ({ epochs }, config) =>
    epochs < config.epochs
      ? []
      : [
          `warmup.epochs: expected less than epochs (${config.epochs}), got ${epochs}. Train longer or shorten the warmup (--no-warmup switches it off)`,
        ],
  schedule:
    ({ epochs, form }) =>
    (inner) =>
    (plan) => {
      const steps = Math.round(epochs * plan.stepsPerEpoch);
      if (steps === 0) return inner(plan);
      const rest = { ...plan, steps: plan.steps - steps, before: plan.before + steps };
      return withWarmup(inner(rest), { steps, form });
    },
});
