import { TOLERANCES } from '../compare/check-losses.ts';
import type { WorkloadReport } from '../compare/compare-workload.ts';
import type { Precision } from '../contestants/precision.ts';
import { gigabytes, percent, seconds, spread, threeDigits } from './numbers.ts';
import { formatTable } from './table.ts';

/** A network's comparison for a reader. */
export function formatWorkload(report: WorkloadReport): string {
  const { workload, rate, check, contestants, flopsPerStep } = report;
  const header = [
    workload.network,
    'img/s (min..max)',
    'step s',
    'x best PyTorch',
    'of conv',
    'of GEMM',
    'trace s',
    'first step s',
    'ops',
    'peak GB',
  ];
  const rows = contestants.map((contestant) => [
    contestant.name,
    spread(contestant.imagesPerSecond),
    seconds(contestant.stepMs.median),
    contestant.ratio === null ? '-' : spread(contestant.ratio),
    percent(contestant.shareOfConvolutionRate),
    percent(contestant.shareOfMatrixProductRate),
    seconds(contestant.traceMs),
    seconds(contestant.firstStepMs),
    String(contestant.opCount ?? '-'),
    gigabytes(contestant.peakRssBytes),
  ]);
  return [
    `${workload.network}: batch ${workload.batchSize}, ${workload.imageSize} px, ${workload.numClasses} classes, ` +
      `${threeDigits(flopsPerStep / 1e9)} GFLOP a step`,
    `best rates here: convolution ${threeDigits(rate.convolution)} GFLOPS, matrix product ${threeDigits(rate.matrixProduct)} GFLOPS`,
    ...Object.entries(check.losses).map(
      ([name, losses]) => `first losses ${losses.map((loss) => loss.toFixed(6)).join(' ')} ${name}`,
    ),
    ...Object.entries(check.largestDifference).map(
      ([precision, difference]) =>
        `largest difference of losses and running variances, ${precision}: ${difference.toExponential(1)} (allowed ${TOLERANCES[precision as Precision]})`,
    ),
    ...contestants.flatMap(({ name, precision }) => {
      const { matrixOps } = report.rounds[name]![0]!;
      if (precision === 'float32' || matrixOps === null) return [];
      const counts = Object.entries(matrixOps).map(([op, count]) => `${count} ${op}`);
      return [`ops of the graph: ${counts.join(', ')} ${name}`];
    }),
    '',
    formatTable(header, rows),
  ].join('\n');
}
