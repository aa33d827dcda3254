import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { seededRandom } from '@bag-of-tricks/random';
import { resnet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs';
import { createTrainStep, registerTrainingKernels } from '../src/index.ts';

const numClasses = 4;
const rows = 8;
const size = 8;

/** The losses of two steps of a ResNet-20-D by the recipe's optimiser, and the tensors that are left of them. */
export async function resnetSteps(backend: string) {
  if (!(await tf.setBackend(backend))) throw new Error(`this browser does not have ${backend}`);
  registerTrainingKernels();
  const before = tf.memory().numTensors;
  const network = resnet({ depth: 20, variant: 'd', numClasses, seed: 1, zeroGamma: false });
  const optimizer = nesterovSgd(noBiasDecay(network.parameters));
  const pixels = { mean: [120, 120, 120], std: [60, 60, 60] };
  const step = createTrainStep({ network, optimizer, numClasses, pixels });
  const random = seededRandom(1);
  const values = Int32Array.from({ length: rows * size * size * 3 }, () => 256 * random());
  const inputs = tf.tidy(() => ({
    images: tf.tensor4d(values, [rows, size, size, 3], 'int32'),
    labels: tf.tensor1d([0, 1, 2, 3, 3, 2, 1, 0], 'int32'),
    learningRate: tf.scalar(0.01),
  }));
  const losses: number[] = [];
  for (let i = 0; i < 2; i++) {
    const metrics = step(inputs);
    losses.push((await metrics.loss.data())[0]!);
    tf.dispose(metrics as tf.NamedTensorMap);
  }
  tf.dispose(inputs);
  optimizer.dispose();
  network.dispose();
  return { losses, leaked: tf.memory().numTensors - before };
}
