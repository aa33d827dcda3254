import { type CheckedContestant, requireSameMathematics } from '../compare/check-losses.ts';
import { alternate } from '../compare/rounds.ts';
import { ratioOf } from '../compare/summary.ts';
import type { StepResult, StepSpec } from '../contestants/step-spec.ts';
import { foreignShare, readCoreTimes } from '../ours/foreign-load.ts';
import { mean, median, type Spread, spreadOf } from '../statistics.ts';
import type { ScaleContestant } from './contestants.ts';
import { runGroup } from './run-group.ts';
import type { TestNetwork } from './test-network.ts';

/** What a group saw, in figures. */
export interface GroupMeasurement
  extends Pick<StepResult, 'losses' | 'runningVarianceSum' | 'versions' | 'foreignShare'> {
  /** The median of the slowest process. */
  readonly stepMs: number;
  /** What a process sends in a step; null for one by itself. */
  readonly sentBytes: number | null;
}

/** A contestant's rounds. */
export interface ScaleSummary {
  readonly name: string;
  readonly processes: number;
  readonly stepMs: Spread;
  /** How much faster than `ours-1`. */
  readonly ratio: Spread;
  /** Of a step, against the same processes without the exchange; null where they did not take part. */
  readonly communication: Spread | null;
  readonly sentBytes: number | null;
}

/** Where and how often steps are measured. */
export interface MeasureOptions {
  readonly contestants: readonly ScaleContestant[];
  readonly spec: StepSpec;
  readonly python: string;
  readonly rounds: number;
  readonly network: TestNetwork | null;
  readonly onRow: (row: Readonly<Record<string, unknown>>) => void;
}

/**
 * Measures all contestants in alternating rounds of one group each.
 *
 * @throws Error where two that exchange among as many processes compute different things.
 */
export async function measureSteps({
  contestants,
  spec,
  python,
  rounds,
  network,
  onRow,
}: MeasureOptions): Promise<Map<string, GroupMeasurement[]>> {
  const checked = new Map<number, CheckedContestant>();
  const run = async (name: string, round: number) => {
    const contestant = contestants.find((candidate) => candidate.name === name)!;
    const { processes, wire } = contestant;
    const before = readCoreTimes();
    const where = { size: processes, network };
    const results = await runGroup<StepResult>(contestant.command(spec, python), where);
    const cpuMs = results.reduce((total, result) => total + result.cpuMs, 0);
    const foreign = foreignShare(before, readCoreTimes(), cpuMs);
    const measurement = joined(results, foreign, network === null);
    if (wire) {
      const one = { name, precision: wire, result: measurement };
      const reference = checked.get(processes);
      if (reference) requireSameMathematics(reference, one);
      else checked.set(processes, one);
    }
    const { network: trained, batchSize } = spec;
    const link = network?.link ?? null;
    onRow({ network: trained, batchSize, link, round, contestant: name, ...measurement });
    return measurement;
  };
  const names = contestants.map(({ name }) => name);
  return alternate(names, { rounds, run });
}

/** Each process has seen the losses of its own part, or those of all. */
function joined(
  results: readonly StepResult[],
  foreign: number | null,
  onLoopback: boolean,
): GroupMeasurement {
  const meanOf = (of: (result: StepResult) => number) => mean(results.map(of));
  const sent = results.length > 1 ? meanOf(({ sentBytes }) => sentBytes ?? 0) : null;
  return {
    stepMs: Math.max(...results.map(({ stepMs }) => median(stepMs))),
    losses: results[0]!.losses.map((_, step) => meanOf(({ losses }) => losses[step]!)),
    runningVarianceSum: meanOf(({ runningVarianceSum }) => runningVarianceSum),
    // The loopback counts what all of them send.
    sentBytes: sent && sent / (onLoopback ? results.length : 1),
    foreignShare: foreign,
    versions: results[0]!.versions,
  };
}

/** Turns rounds into figures; the first contestant is what ratios are taken to. */
export function summarizeSteps(
  contestants: readonly Pick<ScaleContestant, 'name' | 'processes'>[],
  results: ReadonlyMap<string, readonly GroupMeasurement[]>,
): ScaleSummary[] {
  const timesOf = (name: string) => results.get(name)?.map(({ stepMs }) => stepMs);
  const whole = timesOf(contestants[0]!.name)!;
  return contestants.map(({ name, processes }) => {
    const times = timesOf(name)!;
    const apart = timesOf(`${name.replace('-bfloat16', '')}-apart`);
    const without = apart && ratioOf(apart, times);
    return {
      ...{ name, processes },
      stepMs: spreadOf(times),
      ratio: ratioOf(whole, times),
      communication: without
        ? { median: 1 - without.median, min: 1 - without.max, max: 1 - without.min }
        : null,
      sentBytes: results.get(name)![0]!.sentBytes,
    };
  });
}
