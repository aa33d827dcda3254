import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import type { TrainStepInputs } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import type { OpTime } from '../contestants/step-spec.ts';
import { type Executor, type ExecutorParts, LAMBDA } from './executor.ts';
import { runningVariances, sumOfAll } from './running-variances.ts';

/** Runs a step op by op, as TensorFlow.js does. */
export function eagerExecutor({ spec, recipe, binding }: ExecutorParts): Executor {
  const { images, labels, network, step } = recipe;
  const inputs: TrainStepInputs = {
    images: tf.tensor<tf.Rank.R4>(images.data, images.shape as [number, number, number, number]),
    labels: tf.tensor1d(labels.data, 'int32'),
    learningRate: tf.scalar(spec.learningRate),
    lambda: tf.scalar(LAMBDA),
  };
  const run = async () => {
    const metrics = step(inputs);
    const [value] = await metrics.loss.data();
    tf.dispose(metrics as tf.NamedTensorMap);
    return value!;
  };
  return {
    run,
    traceMs: null,
    async runningVarianceSum() {
      const variances = Object.values(runningVariances(network));
      return sumOfAll(await Promise.all(variances.map((variable) => variable.data())));
    },
    profile: async () => ({
      ops: binding && (await profileCalls(binding, run)),
      matrixOps: null,
      computesIn: null,
    }),
  };
}

/** Times every call of an op while `run` lasts. Ops end before the call returns, on a CPU. */
async function profileCalls(binding: Binding, run: () => Promise<unknown>): Promise<OpTime[]> {
  const execute = binding.executeOp;
  const ops = new Map<string, { count: number; milliseconds: number }>();
  binding.executeOp = (...parameters) => {
    const start = performance.now();
    const outputs = execute.apply(binding, parameters);
    const sum = ops.get(parameters[0]) ?? { count: 0, milliseconds: 0 };
    ops.set(parameters[0], sum);
    sum.count++;
    sum.milliseconds += performance.now() - start;
    return outputs;
  };
  try {
    await run();
  } finally {
    binding.executeOp = execute;
  }
  const times = [...ops].map(([op, sum]) => ({ op, ...sum }));
  return times.sort((a, b) => b.milliseconds - a.milliseconds);
}
