import { autocast } from '@bag-of-tricks/amp';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { openBackend } from '@bag-of-tricks/trainer';
import type { OursSpec, StepResult } from '../contestants/step-spec.ts';
import { eagerExecutor } from './eager-executor.ts';
import { watchLoad } from './foreign-load.ts';
import { graphExecutor } from './graph-executor.ts';
import { joinGroup } from './group.ts';
import { createRecipeStep } from './recipe-step.ts';
import { threadOptions } from './threads.ts';

/** Trains as `spec` says and tells what it saw. */
export async function trainStep(spec: OursSpec): Promise<StepResult> {
  const backend =
    spec.backend === 'tensorflow'
      ? await registerTensorFlowBackend(threadOptions(spec.threads))
      : await openBackend({ name: spec.backend });
  // Its probe runs a convolution, which is not to be one of the graph's.
  if (spec.amp !== null) autocast({ dtype: spec.amp }, () => {});
  const group = await joinGroup(process.env);
  const recipe = await createRecipeStep(spec, group);
  const createExecutor = spec.execution === 'graph' ? graphExecutor : eagerExecutor;
  const binding = 'binding' in backend ? backend.binding : null;
  const executor = await createExecutor({ spec, recipe, binding, cluster: group?.cluster });
  const losses: number[] = [];
  const times: number[] = [];
  let runningVarianceSum = 0;
  let [load, sent] = [watchLoad(), group?.watchSent()];
  for (let index = 0; index < spec.warmupSteps + spec.steps; index++) {
    if (index === spec.warmupSteps) {
      await group?.meet();
      [load, sent] = [watchLoad(), group?.watchSent()];
    }
    const start = performance.now();
    const loss = await executor.run();
    times.push(performance.now() - start);
    losses.push(loss);
    if (index + 1 === spec.checkedSteps) runningVarianceSum = await executor.runningVarianceSum();
  }
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const foreignShare = load();
  const sentBytes = sent && sent() / spec.steps;
  const { user, system } = process.cpuUsage();
  // Over a slow network what the last step sends may not have left; what this sends is nobody's any more.
  await group?.meet().catch(() => {});
  // The profile of one more step would be one of all processes.
  const seen = group ? { ops: null, matrixOps: null, computesIn: null } : await executor.profile();
  return {
    losses: losses.slice(0, spec.checkedSteps),
    runningVarianceSum,
    warmupMs: times.slice(0, spec.warmupSteps),
    stepMs: times.slice(spec.warmupSteps),
    peakRssBytes,
    cpuMs: (user + system) / 1000,
    ...(sentBytes !== undefined && { sentBytes }),
    foreignShare,
    traceMs: executor.traceMs,
    ...seen,
    versions: {
      node: process.versions.node,
      [spec.backend === 'tensorflow' ? 'tensorflow' : 'tfjs']: backend.version,
    },
    threads: spec.threads,
  };
}
