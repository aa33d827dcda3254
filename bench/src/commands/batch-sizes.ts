import {
  type CompareOptions,
  compareWorkload,
  type WorkloadReport,
} from '../compare/compare-workload.ts';
import { busyWarning } from '../report/busy-machine.ts';
import { gigabytes, spread } from '../report/numbers.ts';
import { describeProvenance, type Provenance, provenance } from '../report/provenance.ts';
import { formatTable } from '../report/table.ts';
import type { Workload } from '../workloads.ts';

/** What `bench batch-sizes --json` prints. */
export interface BatchSizesReport extends Provenance {
  /** One for each network and batch size. */
  readonly workloads: readonly WorkloadReport[];
  readonly warning: string | null;
}

/** Sizes around each workload's own one. */
export function scaledWorkloads(
  workloads: readonly Workload[],
  sizes: readonly number[] | null,
): Workload[] {
  return workloads.flatMap((workload) => {
    const own = workload.batchSize;
    const batchSizes = sizes ?? [own / 4, own / 2, own, own * 2];
    return batchSizes.map((batchSize) => ({ ...workload, batchSize }));
  });
}

/** Compares a training step with PyTorch at several batch sizes. */
export async function batchSizesReport(
  scaled: readonly Workload[],
  options: CompareOptions,
): Promise<BatchSizesReport> {
  const before = await provenance('batch-sizes');
  const workloads: WorkloadReport[] = [];
  for (const workload of scaled) workloads.push(await compareWorkload(workload, options));
  const measurements = workloads.flatMap(({ rounds }) => Object.values(rounds).flat());
  return { ...before, workloads, warning: busyWarning(measurements) };
}

/** The report for a reader. */
export function formatBatchSizes(report: BatchSizesReport): string {
  const rows = report.workloads.flatMap(({ workload, contestants }) =>
    contestants.map(({ name, imagesPerSecond, ratio, peakRssBytes }) => [
      workload.network,
      String(workload.batchSize),
      name,
      spread(imagesPerSecond),
      ratio === null ? '-' : spread(ratio),
      gigabytes(peakRssBytes),
    ]),
  );
  const header = [
    'network',
    'batch',
    'contestant',
    'img/s (min..max)',
    'x best PyTorch',
    'peak GB',
  ];
  const parts = [describeProvenance(report), formatTable(header, rows)];
  return [...parts, ...(report.warning === null ? [] : [report.warning])].join('\n\n');
}
