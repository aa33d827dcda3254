import {
  type CompareOptions,
  compareWorkload,
  type WorkloadReport,
} from '../compare/compare-workload.ts';
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
  readonly networks: readonly WorkloadReport[];
  /** By network: img/s of our compiled graph over those of the best PyTorch mode, medians of all rounds. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Why the figures should not be used; null when nothing speaks against them. */
  readonly warning: string | null;
}

/** Compares a training step with PyTorch on each workload. */
export async function trainStepReport(
  workloads: readonly Workload[],
  options: CompareOptions,
): Promise<TrainStepReport> {
  const before = await provenance('train-step');
  const networks: WorkloadReport[] = [];
  for (const workload of workloads) networks.push(await compareWorkload(workload, options));
  const measurements = networks.flatMap(({ rounds }) => Object.values(rounds));
  const { rounds, steps, warmupSteps, threads } = options;
  return {
    ...before,
    versions: mergeVersions(measurements),
    options: { rounds, steps, warmupSteps, threads },
    networks,
    ratios: Object.fromEntries(
      networks.flatMap((network) => {
        const ratio = graphRatio(network);
        return ratio === null ? [] : [[network.workload.network, ratio]];
      }),
    ),
    warning: busyWarning(measurements.flat()),
  };
}

/** The compiled graph over the best PyTorch mode; null when one of them did not take part. */
export function graphRatio({ contestants }: Pick<WorkloadReport, 'contestants'>): number | null {
  return contestants.find(({ name }) => name === 'graph')?.ratio?.median ?? null;
}

/** The report for a reader. */
export function formatTrainStep(report: TrainStepReport): string {
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const ratios = Object.entries(report.ratios).map(
    ([network, ratio]) => `${network}: graph over the best PyTorch mode ${ratio.toFixed(2)}`,
  );
  return [
    `${describeProvenance(report)}\n${versions.join(', ')}`,
    ...report.networks.map(formatWorkload),
    ratios.join('\n'),
    ...(report.warning === null ? [] : [report.warning]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
