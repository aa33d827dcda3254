import { constant, cosineDecay, polynomialDecay, stepDecay } from '@bag-of-tricks/lr-schedules';
import { defineTrick, type Plan } from '@bag-of-tricks/train-step';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';

const increasing = (values: readonly number[]) =>
  values.every((value, i) => i === 0 || value > values[i - 1]!);

/** Boundaries count from the start of training, the plan's steps from where the decay begins. */
function boundarySteps(boundaries: readonly number[], { before, stepsPerEpoch }: Plan): number[] {
  const steps = boundaries.map((epoch) => Math.round(epoch * stepsPerEpoch) - before);
  if (steps.every((step) => step > 0)) return steps;
  throw new ConfigError(
    `schedule.boundaries: expected epochs after the warmup (${before / stepsPerEpoch}), got ${JSON.stringify(boundaries)}`,
  );
}

/** What the learning rate does after its peak: cosine (section 5.1), or steps as in the baseline (section 2.1). */
export const schedule = defineTrick({
  name: 'schedule',
  description: 'how the learning rate falls (section 5.1)',
  on: true,
  settings: {
    name: z
      .enum(['cosine', 'step', 'polynomial', 'constant'])
      .default('cosine')
      .describe('decay after the peak'),
    end: z.number().min(0).default(0).describe('final learning rate of cosine and polynomial'),
    boundaries: z
      .array(z.number().positive())
      .default([30, 60, 90])
      .describe('epochs at which step decays'),
    factor: z.number().positive().lt(1).default(0.1).describe('what step multiplies by'),
    power: z.number().positive().default(2).describe('exponent of polynomial'),
  },
  flags: [
    ['--sched <name>', 'name'],
    ['--min-lr <rate>', 'end'],
    ['--decay-epochs <list>', 'boundaries'],
    ['--decay-rate <factor>', 'factor'],
    { flags: '--cosine', path: 'name', value: 'cosine', description: 'cosine decay' },
    {
      flags: '--no-cosine',
      path: 'name',
      value: 'step',
      description: "decay by steps, the paper's baseline",
    },
  ],
  check: ({ boundaries }) =>
    increasing(boundaries)
      ? []
      : [`schedule.boundaries: expected increasing epochs, got ${JSON.stringify(boundaries)}`],
  schedule:
    ({ name, end, boundaries, factor, power }) =>
    () =>
    (plan) => {
      const { peak, steps } = plan;
      switch (name) {
        case 'cosine':
          return cosineDecay({ peak, steps, end });
        case 'polynomial':
          return polynomialDecay({ base: peak, steps, end, power });
        case 'constant':
          return constant(peak);
        case 'step':
          return stepDecay({ base: peak, factor, boundaries: boundarySteps(boundaries, plan) });
      }
    },
});
