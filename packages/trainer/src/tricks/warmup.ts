import { withWarmup } from '@bag-of-tricks/lr-schedules';
import { counted } from '@bag-of-tricks/run-folder';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** Epochs, where the recipe says nothing. */
const usual = 5;

/** The length that is set; else the usual one, shortened to half of a run that would end with it. */
const lengthOf = (epochs: number | null, run: { readonly epochs: number }) =>
  epochs ?? (usual < run.epochs ? usual : run.epochs / 2);

/** The learning rate rises to its peak over the first epochs; what comes after it has the steps that remain (sections 3.1 and 5.1). */
export const warmup = defineTrick({
  name: 'warmup',
  description: 'raise the learning rate linearly over the first epochs (section 3.1)',
  on: true,
  settings: {
    epochs: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        `length of the linear warmup; default: ${usual}, or half of a run that is no longer`,
      ),
    form: z.enum(['paper', 'gluon']).default('paper').describe("the paper's or gluon-cv's count"),
  },
  flags: [
    ['--warmup-epochs <n>', 'epochs'],
    ['--warmup-form <name>', 'form'],
    ['--no-warmup', null, 'start at the full learning rate'],
  ],
  check: ({ epochs }, config) =>
    lengthOf(epochs, config) < config.epochs
      ? []
      : [
          `warmup.epochs: expected less than epochs (${config.epochs}), got ${epochs}. Train longer or shorten the warmup (--no-warmup switches it off)`,
        ],
  schedule:
    ({ epochs, form }, config) =>
    (inner) =>
    (plan) => {
      // A step is left for what follows, also in a run of few.
      const wanted = Math.round(lengthOf(epochs, config) * plan.stepsPerEpoch);
      const steps = Math.min(wanted, plan.steps - 1);
      if (steps === 0) return inner(plan);
      const rest = { ...plan, steps: plan.steps - steps, before: plan.before + steps };
      return withWarmup(inner(rest), { steps, form });
    },
  build({ epochs }, { config, stepsPerEpoch }) {
    const length = lengthOf(epochs, config);
    const isOneStep = config.epochs * stepsPerEpoch === 1;
    if (epochs !== null || length === usual || isOneStep) return {};
    const line = `warmup: ${counted(length, 'epoch')}, half of the run, instead of ${usual}`;
    return { notes: { lines: [line], environment: { warmupEpochs: length } } };
  },
});
