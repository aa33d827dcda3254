import type { LowPrecision, PrecisionProbe } from '@bag-of-tricks/amp';
import { type AmpRatios, ampRatios } from '../compare/amp-ratios.ts';
import {
  type CompareOptions,
  compareWorkload,
  type WorkloadReport,
} from '../compare/compare-workload.ts';
import { GRAPH, oursCommand, REWRITE } from '../contestants/contestants.ts';
import { runChild } from '../contestants/run-child.ts';
import { describePrecision, formatAmpRatios } from '../report/amp-report.ts';
import { busyWarning } from '../report/busy-machine.ts';
import {
  describeProvenance,
  mergeVersions,
  type Provenance,
  provenance,
} from '../report/provenance.ts';
import { formatWorkload } from '../report/workload-table.ts';
import type { Workload } from '../workloads.ts';

/** What `bench train-step --json` prints. */
export interface TrainStepReport extends Provenance {
  readonly versions: Readonly<Record<string, string>>;
  readonly options: {
    readonly rounds: number;
    readonly steps: number | null;
    readonly warmupSteps: number;
    readonly threads: number | null;
  };
  /** What `--amp` asked for, and how this machine does it. */
  readonly amp: PrecisionProbe | null;
  readonly networks: readonly WorkloadReport[];
  /**
   * By network: img/s of our compiled graph over those of the best PyTorch mode, both in float32, medians of all rounds.
   * With `--amp` the name of its type holds, by network, what mixed precision gives.
   */
  readonly ratios: Readonly<Record<string, number | Readonly<Record<string, AmpRatios>>>>;
  /** Why the figures should not be used; null when nothing speaks against them. */
  readonly warning: string | null;
}

/** Compares a training step with PyTorch on each workload. */
export async function trainStepReport(
  workloads: readonly Workload[],
  options: CompareOptions,
  dtype: LowPrecision | null,
): Promise<TrainStepReport> {
  const before = await provenance('train-step');
  const amp =
    dtype === null ? null : await runChild<PrecisionProbe>(oursCommand('precision', { dtype }));
  if (amp !== null) options.report(describePrecision(amp));
  const networks: WorkloadReport[] = [];
  const contestants = withRewriteWhereItIs(options.contestants, amp);
  for (const workload of workloads) {
    networks.push(
      await compareWorkload(workload, {
        ...options,
        contestants,
        ...(amp && { native: amp.native }),
      }),
    );
  }
  const measurements = networks.flatMap(({ rounds }) => Object.values(rounds));
  const { rounds, steps, warmupSteps, threads } = options;
  const ofNetworks = networks.flatMap((network) => {
    const ratio = graphRatio(network);
    return ratio === null ? [] : [[network.workload.network, ratio] as const];
  });
  return {
    ...before,
    versions: mergeVersions(measurements),
    options: { rounds, steps, warmupSteps, threads },
    amp,
    networks,
    ratios: {
      ...Object.fromEntries(ofNetworks),
      ...(amp !== null && { [amp.dtype]: ampRatiosOf(networks, amp) }),
    },
    warning: busyWarning(measurements.flat()),
  };
}

/** Where the CPU does not do bfloat16 fast TensorFlow may leave the graph as it is, and there is nothing to measure. */
export function withRewriteWhereItIs<T extends { readonly name: string }>(
  contestants: readonly T[],
  amp: PrecisionProbe | null,
): T[] {
  return contestants.filter(({ name }) => name !== REWRITE || amp?.native === 'fast');
}

function ampRatiosOf(
  networks: readonly WorkloadReport[],
  amp: PrecisionProbe,
): Record<string, AmpRatios> {
  return Object.fromEntries(
    networks.map((network) => [network.workload.network, ampRatios(network, amp)]),
  );
}

/** The compiled graph over the best PyTorch mode; null when one of them did not take part. */
export function graphRatio({ contestants }: Pick<WorkloadReport, 'contestants'>): number | null {
  return contestants.find(({ name }) => name === GRAPH)?.ratio?.median ?? null;
}

/** The report for a reader. */
export function formatTrainStep(report: TrainStepReport): string {
  const { amp, networks } = report;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const ratios = networks.flatMap((network) => {
    const name = network.workload.network;
    const ratio = graphRatio(network);
    return [
      ...(ratio === null ? [] : [`${name}: graph over the best PyTorch mode ${ratio.toFixed(2)}`]),
      ...(amp === null ? [] : formatAmpRatios(name, ampRatios(network, amp))),
    ];
  });
  return [
    `${describeProvenance(report)}\n${versions.join(', ')}`,
    ...(amp === null ? [] : [describePrecision(amp)]),
    ...networks.map(formatWorkload),
    ratios.join('\n'),
    ...(report.warning === null ? [] : [report.warning]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
