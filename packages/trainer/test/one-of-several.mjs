// A small network, and a trick that does something to the process of one rank, once for each step of `--act-once 6=SIGSTOP,11=SIGKILL`: the rank
// that is named in ACTING_RANK, with a file of the working directory for each step at which it has acted.
import { existsSync, writeFileSync } from 'node:fs';
import { defineTrick, fromLayersModel, z } from '@bag-of-tricks/trainer';
import * as tf from '@tensorflow/tfjs';

export const perceptrons = {
  names: () => ['perceptron'],
  create(name, { numClasses, inputChannels, seed }) {
    const kernelInitializer = tf.initializers.glorotUniform({ seed });
    const layers = [
      tf.layers.flatten({ inputShape: [8, 8, inputChannels] }),
      tf.layers.dense({ units: 16, activation: 'tanh', kernelInitializer }),
      tf.layers.dense({ units: numClasses, kernelInitializer }),
    ];
    return fromLayersModel(tf.sequential({ layers }), { name });
  },
};

export const actOnce = defineTrick({
  name: 'actOnce',
  description: 'act on the own process, once',
  settings: { script: z.string().describe('which signal after which step') },
  flags: [['--act-once <script>', 'script']],
  build({ script }, { processes }) {
    const signals = new Map(script.split(',').map((one) => one.split('=')));
    return {
      afterStep(_, step) {
        const signal = signals.get(String(step));
        if (!signal || processes.rank !== Number(process.env.ACTING_RANK)) return;
        if (existsSync(`acted-${step}`)) return;
        writeFileSync(`acted-${step}`, '');
        process.kill(process.pid, signal);
      },
    };
  },
});
