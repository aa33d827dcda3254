import type { Transfer } from '@bag-of-tricks/graph';
import { withoutTraces } from '@bag-of-tricks/libtensorflow';
import type { Benchmark, BenchmarkRow } from './benchmark.ts';

/**
 * A benchmark as text to paste into an issue: a table, and where the ops of a step ran.
 *
 * @example
 * ```ts
 * import { formatBenchmark } from '@bag-of-tricks/trainer';
 *
 * const nothing = { tensorflow: null, devices: [], cards: [], rows: [] };
 * console.log(formatBenchmark({ model: 'resnet50d', imageSize: 224, ...nothing }));
 * ```
 */
export function formatBenchmark(
  { model, imageSize, tensorflow, devices, cards, rows }: Benchmark,
  home?: string,
): string {
  const cells = [
    ['precision', 'XLA', 'images/s', 'step ms', 'batch', 'first step s', 'gradients off', 'worst'],
    ...rows.map(cellsOf),
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  const failures = rows.flatMap(({ failure, ...row }) =>
    failure === null ? [] : [`${nameOf(row)}: ${failure}`],
  );
  const placed = rows.flatMap((row) => (row.timed ? placementLines(row) : []));
  const text = [
    `${model}, ${imageSize} px; TensorFlow ${tensorflow ?? 'unknown'}; devices: ${devices.join(', ') || 'none'}; NVIDIA cards: ${cards.join(', ') || 'none'}`,
    `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...['', ...lines, ...failures, '', ...placed, ''],
    'Gradients of a step of 8 images, off from those of this CPU in float32: all of them, and the parameter that is farthest off (2-norm).',
  ].join('\n');
  return withoutTraces(text, home);
}

const nameOf = ({ precision, xla }: Pick<BenchmarkRow, 'precision' | 'xla'>) =>
  `${precision}${xla ? ' with XLA' : ''}`;

function cellsOf({
  precision,
  xla,
  timed,
  imagesPerSecond,
  gradientError,
}: BenchmarkRow): string[] {
  const of = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? '-';
  return [
    precision,
    xla ? 'yes' : 'no',
    of(imagesPerSecond, 1),
    of(timed?.stepMilliseconds, 1),
    timed ? `${timed.batchSize}` : '-',
    of(timed?.firstStepSeconds, 1),
    gradientError ? gradientError.all.toExponential(1) : '-',
    gradientError ? `${gradientError.worst.toExponential(1)} ${gradientError.of}` : '-',
  ];
}

/** Ops by device, and what is copied. */
function placementLines(row: BenchmarkRow): string[] {
  const { devices, transfers } = row.timed!.placement;
  const ran = Object.entries(devices).map(([device, ops]) => {
    const count = Object.values(ops).reduce((sum, one) => sum + one, 0);
    const isFew = Object.keys(ops).length <= 12;
    return `${count} on ${device}${isFew ? ` (${Object.keys(ops).join(', ')})` : ''}`;
  });
  const count = (kind: Transfer['kind']) => transfers.filter((one) => one.kind === kind).length;
  const within = transfers.filter(({ kind }) => kind === 'within');
  return [
    `${nameOf(row)}: ops ${ran.join('; ')}; tensors copied: ${count('in')} in, ${count('out')} out, ${within.length} within the step`,
    ...within.slice(0, 20).map(({ tensor, from, to }) => `  ${tensor}: ${from} -> ${to}`),
  ];
}
