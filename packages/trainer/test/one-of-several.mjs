// A small network, and a trick that sends signals to the process of rank 1, or lets its JavaScript hang, once after each step of `--act-once 6=SIGSTOP,11=SIGKILL,15=hang`: a file in
// the working directory stands for each step at which it has acted.
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
        if (!signal || processes.rank !== 1) return;
        const file = `after-${step}-${signal}`;
        if (signal !== 'SIGTERM' && existsSync(file)) return;
        writeFileSync(file, '');
        process.stderr.write(`after step ${step}: ${signal}\n`);
        if (signal === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        // As Node does when it comes, but before the next step.
        if (signal === 'SIGTERM') process.emit(signal);
        else process.kill(process.pid, signal);
      },
    };
  },
});
