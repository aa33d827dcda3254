// One of the processes of cluster.test.ts: `node fit-in-a-process.mjs <rank> <address>,... <jobs as JSON>` fits each job and prints a line of JSON.
import { createHash } from 'node:crypto';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createNetwork, defineTrick, fit, fromLayersModel, tricks } from '@bag-of-tricks/trainer';
import * as tf from '@tensorflow/tfjs';

await registerTensorFlowBackend();

const [rank, addresses, jobs] = [
  Number(process.argv[2]),
  process.argv[3].split(','),
  JSON.parse(process.argv[4]),
];
const cluster = { addresses, rank, timeout: 300 };

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
  resnet20d: () =>
    createNetwork('resnet20d', { numClasses: 6, inputChannels: 3, init: 'xavier', seed: 42 }),
};

/** Asks this process to stop after a step. */
const stopAfter = (last) => {
  const controller = new AbortController();
  const trick = defineTrick({
    ...{ name: 'stopAfter', description: 'stops', settings: {} },
    build: () => ({ afterStep: (_, step) => step === last && controller.abort() }),
  });
  return { trick: trick(), signal: controller.signal };
};

/** Gives rank 1 alone a loss of infinity in one step, after images that come late in each; tells what becomes of the steps of this process. */
const overflowAt = (bad, verdicts) => {
  let step = 0;
  const draw = () => {
    step++;
    if (rank === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    return { factor: rank === 1 && step === bad ? 3e38 : 1 };
  };
  const trick = defineTrick({
    ...{ name: 'overflow', description: 'overflows', settings: {} },
    build: () => ({
      draws: { shapes: { factor: [] }, draw },
      gradients: (inner) => (batch, at) => inner(batch, at, at.draws.factor),
      afterStep: ({ skipped, lossScale }) => void verdicts.push([skipped, lossScale]),
    }),
  });
  return trick();
};

for (const { network: name, on = {}, stop, other, overflow, ...options } of jobs) {
  const network = networks[name]();
  const verdicts = [];
  const stopping = stop && stopAfter(stop.rank === rank ? stop.step : null);
  const configured = Object.entries(on).map(([trick, settings]) => tricks[trick](settings));
  const [losses, lines] = [[], []];
  try {
    const result = await fit({
      ...options,
      ...(rank === 1 && other),
      ...{ network, cluster, signal: stopping?.signal },
      tricks: [
        ...configured,
        ...(stopping ? [stopping.trick] : []),
        ...(overflow ? [overflowAt(overflow, verdicts)] : []),
      ],
      onProgress: (line) => lines.push(line),
      hooks: [{ onBatchEnd: ({ loss }) => losses.push(loss) }],
    });
    const variables = Object.entries({ ...network.parameters, ...network.buffers });
    const values = variables.map(([key, variable]) => [key, Array.from(variable.dataSync())]);
    const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex');
    const weights = Object.fromEntries(values);
    process.stdout.write(`${JSON.stringify({ result, losses, lines, verdicts, hash, weights })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: error.message, lines })}\n`);
  }
  network.dispose();
}
