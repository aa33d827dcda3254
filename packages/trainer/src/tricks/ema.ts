import { ema as average } from '@bag-of-tricks/ema';
import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** An exponential moving average of weights and running statistics, evaluated beside them and kept in the checkpoint. */
export const ema = defineTrick({
  name: 'ema',
  description: 'average the weights over the steps',
  settings: {
    decay: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9999)
      .describe('share of the average that survives a step'),
    warmup: z
      .boolean()
      .default(true)
      .describe("let the decay grow with the steps, as timm's warmup does"),
  },
  flags: [
    ['--ema', {}, 'average the weights, and evaluate the average too'],
    ['--ema-decay <decay>', 'decay'],
    {
      flags: '--no-ema-warmup',
      path: 'warmup',
      value: false,
      description: 'the full decay from the first step on',
    },
    ['--no-ema', null, 'keep no average'],
  ],
  build({ decay, warmup }, { network }) {
    const sources = { ...network.parameters, ...network.buffers };
    const { averages, variables, update, dispose } = average(sources, {
      decay,
      warmup: warmup ? {} : null,
    });
    return {
      step: (inner) => (batch, at) => {
        const metrics = inner(batch, at);
        update();
        return metrics;
      },
      state: { step: variables.step! },
      weights: {
        name: 'ema',
        exchange() {
          for (const [name, source] of Object.entries(sources)) {
            const own = source.clone();
            source.assign(averages[name]!);
            averages[name]!.assign(own);
          }
        },
      },
      dispose,
    };
  },
});
