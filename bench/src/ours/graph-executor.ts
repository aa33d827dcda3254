import { compile } from '@bag-of-tricks/graph';
import { computedPrecision, countMatrixOps, wasRewritten } from './computed-precision.ts';
import { type Executor, type ExecutorParts, LAMBDA } from './executor.ts';
import { graphNodes } from './graph-def.ts';
import { runningVariances, sumOfAll } from './running-variances.ts';

/** A ConfigProto: graph_options { rewrite_options { auto_mixed_precision_onednn_bfloat16: ON } }. */
const BFLOAT16_REWRITE = Uint8Array.from(Buffer.from('52055203f80101', 'hex'));

/** Runs a step as one native graph. */
export async function graphExecutor({ spec, recipe, cluster }: ExecutorParts): Promise<Executor> {
  const { images, labels, network, step } = recipe;
  const { imageSize, threads, rewrite } = spec;
  const batchSize = labels.data.length;
  const start = performance.now();
  const compiled = await compile(step, {
    inputs: {
      images: { shape: [batchSize, imageSize, imageSize, 3] },
      labels: { shape: [batchSize], dtype: 'int32' },
      learningRate: { shape: [] },
      lambda: { shape: [] },
      stop: { shape: [] },
    },
    session: {
      ...(threads !== null && { intraOpThreads: threads }),
      ...(cluster && { cluster }),
      ...(rewrite && { config: BFLOAT16_REWRITE }),
    },
  });
  const traceMs = performance.now() - start;
  const inputs = {
    images: images.data,
    labels: labels.data,
    learningRate: spec.learningRate,
    lambda: LAMBDA,
    stop: 0,
  };
  return {
    traceMs,
    run: async () => (await compiled.run(inputs)).loss,
    async runningVarianceSum() {
      const variances = await compiled.read(runningVariances(network));
      return sumOfAll(Object.values(variances).map(({ values }) => values));
    },
    async profile() {
      const { ops } = await compiled.profile(inputs);
      const nodes = graphNodes(await compiled.graphDef());
      const matrixOps = countMatrixOps(nodes);
      const rewritten = rewrite && wasRewritten(nodes, ops);
      return { ops, matrixOps, computesIn: rewritten ? 'bfloat16' : computedPrecision(nodes) };
    },
  };
}
