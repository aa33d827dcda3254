import type { LowPrecision, PrecisionProbe } from '@bag-of-tricks/amp';
import { ampGraph, GRAPH, REWRITE } from '../contestants/contestants.ts';
import type { Spread } from '../statistics.ts';
import type { WorkloadReport } from './compare-workload.ts';
import { bestPyTorch, ratioOf, stepTimes } from './summary.ts';

/** How much faster our step in mixed precision is than another, and how much it should be. */
export interface AmpRatio extends Spread {
  /** Whose step it is compared with. */
  readonly over: string;
  readonly target: number | null;
  /** null without a target, or where the CPU emulates the type. */
  readonly reached: boolean | null;
}

/** The comparisons of one network; null with one that did not take part. */
export interface AmpRatios {
  readonly overOwnFloat32: AmpRatio | null;
  readonly overTensorFlowRewrite: AmpRatio | null;
  readonly overBestPyTorchAutocast: AmpRatio | null;
}

/** What a CPU with the instructions should reach; over our own float32 step it is set for the paper's network alone. */
const TARGETS = {
  own: { resnet50d: 2 } as Readonly<Record<string, number>>,
  rewrite: 1,
  pytorch: 1.25,
};

/** Our step in mixed precision against our float32 step, TensorFlow's rewrite of that, and the best autocast mode of PyTorch. */
export function ampRatios(
  { workload, contestants, rounds }: Pick<WorkloadReport, 'workload' | 'contestants' | 'rounds'>,
  { dtype, native }: { readonly dtype: LowPrecision; readonly native: PrecisionProbe['native'] },
): AmpRatios {
  const results = new Map(Object.entries(rounds));
  const ours = results.get(ampGraph(dtype));
  const over = (name: string | null, target: number | null): AmpRatio | null => {
    const theirs = name === null ? undefined : results.get(name);
    if (name === null || theirs === undefined || ours === undefined) return null;
    const ratio = ratioOf(stepTimes(theirs), stepTimes(ours));
    const isJudged = target !== null && native === 'fast';
    return { over: name, ...ratio, target, reached: isJudged ? ratio.median >= target : null };
  };
  return {
    overOwnFloat32: over(GRAPH, TARGETS.own[workload.network] ?? null),
    overTensorFlowRewrite: over(REWRITE, TARGETS.rewrite),
    overBestPyTorchAutocast: over(bestPyTorch({ contestants, results }, dtype), TARGETS.pytorch),
  };
}
