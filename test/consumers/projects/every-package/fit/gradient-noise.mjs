// A trick of another package, for --plugin.
import { defineTrick, z } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';

export const gradientNoise = defineTrick({
  name: 'gradientNoise',
  description: 'adds Gaussian noise to every gradient',
  settings: {
    deviation: z.number().min(0).default(0.01).describe('standard deviation of the noise'),
  },
  flags: [['--gradient-noise <deviation>', 'deviation']],
  build: ({ deviation }) => ({
    gradients:
      (inner) =>
      (...step) => {
        const { gradients, metrics } = inner(...step);
        const noisy = Object.entries(gradients).map(([name, gradient]) => [
          name,
          tf.add(gradient, tf.randomNormal(gradient.shape, 0, deviation)),
        ]);
        return { gradients: Object.fromEntries(noisy), metrics };
      },
  }),
});
