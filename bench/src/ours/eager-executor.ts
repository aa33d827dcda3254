import * as tf from '@tensorflow/tfjs-core';
import { type Executor, type ExecutorParts, LAMBDA } from './executor.ts';
import type { StepInputs } from './recipe-step.ts';
import { runningVariances, sumOfAll } from './running-variances.ts';

/** Runs a step op by op, as TensorFlow.js does. */
export function eagerExecutor({ spec, recipe, backend }: ExecutorParts): Executor {
  const { images, labels, model, step } = recipe;
  const inputs: StepInputs = {
    images: tf.tensor<tf.Rank.R4>(images.data, images.shape as [number, number, number, number]),
    labels: tf.tensor1d(labels.data, 'int32'),
    learningRate: tf.scalar(spec.learningRate),
    lambda: tf.scalar(LAMBDA),
  };
  const run = async () => {
    const { loss } = step(inputs);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
  return {
    run,
    traceMs: null,
    async runningVarianceSum() {
      const variances = Object.values(runningVariances(model));
      return sumOfAll(await Promise.all(variances.map((variable) => variable.data())));
    },
    async countOps() {
      const { binding } = backend;
      const execute = binding.executeOp;
      let ops = 0;
      binding.executeOp = (...parameters) => {
        ops++;
        return execute.apply(binding, parameters);
      };
      try {
        await run();
      } finally {
        binding.executeOp = execute;
      }
      return ops;
    },
  };
}
