// One of the processes of cluster.test.ts: `node fit-in-a-process.mjs <rank> <address>,... <jobs as JSON>` fits each job and prints a line of JSON.
import { createHash } from 'node:crypto';
import { createNetwork, fit, fromLayersModel, tricks } from '@bag-of-tricks/trainer';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
await registerTensorFlowBackend();

const [rank, addresses, jobs] = [Number(process.argv[2]), process.argv[3].split(','), JSON.parse(process.argv[4])];
const cluster = { addresses, rank, timeout: 60 };

const perceptron = () => {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const layers = [
    tf.layers.flatten({ inputShape: [8, 8, 3] }),
    tf.layers.dense({ units: 16, activation: 'tanh', kernelInitializer }),
    tf.layers.dense({ units: 6, kernelInitializer }),
  ];
  return fromLayersModel(tf.sequential({ layers }), { name: 'perceptron' });
};
const networks = {
  perceptron,
  resnet20d: () => createNetwork('resnet20d', { numClasses: 6, inputChannels: 3, init: 'xavier', seed: 42 }),
};

for (const { network: name, on = {}, ...options } of jobs) {
  const network = networks[name]();
  const configured = Object.entries(on).map(([trick, settings]) => tricks[trick](settings));
  const losses = [];
  const lines = [];
  try {
    const result = await fit({
      ...options,
      ...{ network, cluster, tricks: configured },
      onProgress: (line) => lines.push(line),
      hooks: [{ onBatchEnd: ({ loss }) => losses.push(loss) }],
    });
    const variables = Object.entries({ ...network.parameters, ...network.buffers });
    const values = variables.map(([key, variable]) => [key, Array.from(variable.dataSync())]);
    const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex');
    const weights = name === 'perceptron' ? Object.fromEntries(values) : null;
    process.stdout.write(`${JSON.stringify({ result, losses, lines, hash, weights })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: `${error.name}: ${error.message}`, lines })}\n`);
  }
  network.dispose();
}
