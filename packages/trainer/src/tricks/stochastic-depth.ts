import { defineTrick } from '@bag-of-tricks/train-step';
import { z } from 'zod';

/** Residual branches are left out at random in training, the deeper the more often (Huang et al. 2016). */
export const stochasticDepth = defineTrick({
  name: 'stochasticDepth',
  description: 'leave residual branches out at random',
  settings: {
    rate: z.number().min(0).lt(1).default(0.1).describe('how often the last block is left out'),
  },
  flags: [
    ['--stochastic-depth <rate>', 'rate'],
    ['--no-stochastic-depth', null, 'every block in every step'],
  ],
  network: ({ rate }) => ({ stochasticDepth: rate }),
  build: () => ({ needsImages: true }),
});
