import { compile } from '@bag-of-tricks/graph';
import { type Executor, type ExecutorParts, LAMBDA } from './executor.ts';
import { runningVariances, sumOfAll } from './running-variances.ts';

/** Runs a step as one native graph. */
export async function graphExecutor({ spec, recipe }: ExecutorParts): Promise<Executor> {
  const { images, labels, model, step } = recipe;
  const { batchSize, imageSize, threads } = spec;
  const start = performance.now();
  const compiled = await compile(step, {
    inputs: {
      images: { shape: [batchSize, imageSize, imageSize, 3] },
      labels: { shape: [batchSize], dtype: 'int32' },
      learningRate: { shape: [] },
      lambda: { shape: [] },
    },
    session: threads === null ? {} : { intraOpThreads: threads },
  });
  const traceMs = performance.now() - start;
  const inputs = {
    images: images.data,
    labels: labels.data,
    learningRate: spec.learningRate,
    lambda: LAMBDA,
  };
  return {
    traceMs,
    run: async () => (await compiled.run(inputs)).loss,
    async runningVarianceSum() {
      const variances = await compiled.read(runningVariances(model));
      return sumOfAll(Object.values(variances).map(({ values }) => values));
    },
    profile: async () => (await compiled.profile(inputs)).ops,
  };
}
