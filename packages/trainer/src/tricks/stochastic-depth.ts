import { z } from 'zod';
import { defineTrick } from './trick.ts';

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
});
