// A trick as another package would bring it: it knows the trainer's public door alone.
import { defineTrick, z } from '@bag-of-tricks/trainer';
import * as tf from '@tensorflow/tfjs-core';

/** Gaussian noise on every gradient, `N(0, (deviation * u)^2 / (1 + step)^0.55)` (Neelakantan et al. 2015), u drawn on the host. */
export const gradientNoise = defineTrick({
  name: 'gradientNoise',
  description: 'add Gaussian noise to every gradient',
  settings: {
    deviation: z.number().min(0).max(10).default(0.01).describe('noise at the first step'),
  },
  flags: [
    ['--gradient-noise <deviation>', 'deviation'],
    { flags: '--no-gradient-noise', value: null, description: 'gradients as they are' },
  ],
  build({ deviation }) {
    const steps = tf.tidy(() => tf.variable(tf.scalar(0), false));
    return {
      state: { steps },
      draws: { shapes: { noiseShare: [] }, draw: ({ random }) => ({ noiseShare: random() }) },
      gradients: (inner) => (batch, at, seed) => {
        const { gradients, metrics } = inner(batch, at, seed);
        const noise = tf.div(
          tf.mul(deviation, at.draws.noiseShare),
          tf.pow(tf.add(steps, 1), 0.55),
        );
        steps.assign(tf.add(steps, 1));
        const noisy = Object.entries(gradients).map(([name, gradient]) => [
          name,
          tf.add(gradient, tf.mul(noise, tf.randomNormal(gradient.shape))),
        ]);
        return { gradients: Object.fromEntries(noisy), metrics: { ...metrics, noise } };
      },
      columns: [{ value: 'noise', jsonl: 'noise', csv: 'gradient_noise', console: 'Noise' }],
      dispose: () => steps.dispose(),
    };
  },
});
