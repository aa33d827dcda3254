import { join } from 'node:path';
import type { PrecisionProbe } from '@bag-of-tricks/amp';
import { type Contestant, oursCommand } from '../contestants/contestants.ts';
import type { Precision } from '../contestants/precision.ts';
import { runChild } from '../contestants/run-child.ts';
import type { StepSpec } from '../contestants/step-spec.ts';
import type { MachineRate } from '../ours/machine-rate.ts';
import type { Prepared } from '../ours/prepare.ts';
import type { Workload } from '../workloads.ts';
import {
  type CheckedContestant,
  largestDifference,
  requirePrecision,
  requireSameMathematics,
} from './check-losses.ts';
import { type Measurement, measure } from './measure.ts';
import { stepSpec } from './recipe.ts';
import { alternate } from './rounds.ts';
import { bestPyTorch, type ContestantSummary, summarize } from './summary.ts';

/** How a comparison is run. */
export interface CompareOptions {
  readonly contestants: readonly Contestant[];
  readonly python: string;
  readonly rounds: number;
  /** Timed steps in a round; null: as many as the workload says. */
  readonly steps: number | null;
  readonly warmupSteps: number;
  readonly threads: number | null;
  /** Whether mixed precision is by the device's own kernels, as one probe says for all processes; else each asks its own. */
  readonly native?: PrecisionProbe['native'];
  /** A folder that exists, for what the processes read. */
  readonly workFolder: string;
  readonly report: (text: string) => void;
}

/** One network's comparison. */
export interface WorkloadReport {
  readonly workload: Workload;
  readonly flopsPerStep: number;
  /** The best of all rounds, which runs before each. */
  readonly rate: MachineRate;
  readonly check: {
    /** Of each contestant, over the checked steps of the first round. */
    readonly losses: Readonly<Record<string, readonly number[]>>;
    /** Of each precision, to the first float32 result where there is one. */
    readonly largestDifference: Readonly<Partial<Record<Precision, number>>>;
  };
  /** In float32. */
  readonly bestPyTorch: string | null;
  readonly contestants: readonly ContestantSummary[];
  readonly rounds: Readonly<Record<string, readonly Measurement[]>>;
}

/** Writes the weights and the batch of a workload and returns how its processes are to train on them. */
export async function prepareWorkload(
  workload: Workload,
  { steps, warmupSteps, threads, workFolder, native }: CompareOptions,
): Promise<{ spec: StepSpec; flopsPerStep: number }> {
  const folder = join(workFolder, `${workload.network}-${workload.batchSize}`);
  const { flopsPerStep } = await runChild<Prepared>(oursCommand('prepare', { workload, folder }));
  const options = { dataFolder: folder, warmupSteps, threads, steps: steps ?? workload.steps };
  return { spec: stepSpec(workload, { ...options, ...(native && { native }) }), flopsPerStep };
}

/**
 * Measures all contestants on one workload, in alternating rounds of one process each.
 *
 * @throws Error as soon as a contestant's losses differ from those of the first one.
 */
export async function compareWorkload(
  workload: Workload,
  options: CompareOptions,
): Promise<WorkloadReport> {
  const { contestants, python, rounds, threads, report } = options;
  const title = `${workload.network}, batch ${workload.batchSize}`;
  const { spec, flopsPerStep } = await prepareWorkload(workload, options);
  let rate: MachineRate = { convolution: 0, matrixProduct: 0 };
  const checked: CheckedContestant[] = [];
  const run = async (name: string, round: number) => {
    const contestant = contestants.find((candidate) => candidate.name === name)!;
    if (name === contestants[round % contestants.length]!.name) {
      rate = higher(rate, await runChild(oursCommand('machine-rate', { threads })));
    }
    const result = await measure(contestant.command(spec, python));
    const { precision } = contestant;
    requirePrecision(contestant, result);
    for (const reference of firstOfEach(checked)) {
      requireSameMathematics(reference, { name, precision, result });
    }
    checked.push({ name, precision, result });
    const speed = ((workload.batchSize * 1000) / result.medianStepMs).toFixed(1);
    report(`${title}, round ${round + 1}/${rounds}: ${name} ${speed} img/s`);
    return result;
  };
  const names = contestants.map(({ name }) => name);
  const results = await alternate(names, { rounds, run });
  return {
    workload,
    flopsPerStep,
    rate,
    check: {
      losses: Object.fromEntries(names.map((name) => [name, results.get(name)![0]!.losses])),
      largestDifference: Object.fromEntries(
        firstOfEach(checked).map(({ precision }) => [
          precision,
          differenceWithin(precision, checked),
        ]),
      ),
    },
    bestPyTorch: bestPyTorch({ contestants, results }, 'float32'),
    contestants: summarize({ workload, flopsPerStep, rate, contestants, results }),
    rounds: Object.fromEntries(results),
  };
}

/** The first result of each precision. */
function firstOfEach(checked: readonly CheckedContestant[]): CheckedContestant[] {
  return [...new Set(checked.map(({ precision }) => precision))].map(
    (precision) => checked.find((one) => one.precision === precision)!,
  );
}

function differenceWithin(precision: Precision, checked: readonly CheckedContestant[]): number {
  const reference = checked.find((one) => one.precision === 'float32') ?? checked[0]!;
  return Math.max(
    ...checked
      .filter((one) => one.precision === precision)
      .map(({ result }) => largestDifference(reference.result, result)),
  );
}

function higher(a: MachineRate, b: MachineRate): MachineRate {
  return {
    convolution: Math.max(a.convolution, b.convolution),
    matrixProduct: Math.max(a.matrixProduct, b.matrixProduct),
  };
}
