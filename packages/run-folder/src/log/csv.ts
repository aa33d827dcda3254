import { type Column, csvColumns, scoreColumns } from './columns.ts';
import type { Evaluation, TrainHooks } from './hooks.ts';
import { openLog } from './rows.ts';

/** Options of `csvLog`. */
export interface CsvLogOptions {
  readonly firstEpoch: number;
  /** What tricks add; the value of an epoch is that of its last step. */
  readonly columns?: readonly Column[];
  /** Names of the weights that are evaluated beside the network's own. */
  readonly others?: readonly string[];
  /** Is told when rows are missing. */
  readonly say?: ((line: string) => void) | undefined;
}

const scores = (evaluation: Evaluation | null | undefined) => [
  evaluation?.loss.toFixed(6) ?? '',
  evaluation?.top1.toFixed(3) ?? '',
  evaluation?.top5?.toFixed(3) ?? '',
];

/** Writes `summary.csv`, a row an epoch; rows of epochs that a resumed run takes again are dropped first. */
export function csvLog(
  path: string,
  { firstEpoch, columns = [], others = [], say }: CsvLogOptions,
): TrainHooks {
  const added = columns.flatMap(({ csv, value }) => (csv ? [{ csv, value }] : []));
  const header = [
    ...csvColumns,
    ...others.flatMap(scoreColumns),
    ...added.map(({ csv }) => csv),
  ].join(',');
  const epochOf = (row: string) => Number.parseInt(row, 10);
  const rows = openLog(path, {
    ...{ header, say },
    stays: (row) => epochOf(row) < firstEpoch,
    isLast: firstEpoch > 0 ? (row) => epochOf(row) === firstEpoch - 1 : undefined,
  });
  let last: Readonly<Record<string, unknown>> = {};
  return {
    onBatchEnd({ values }) {
      last = values;
    },
    onEpochEnd(log) {
      const cells = [
        log.epoch,
        log.trainLoss.toFixed(6),
        log.trainTop1.toFixed(3),
        ...scores(log.evaluation),
        log.learningRate.toExponential(6),
        log.seconds.toFixed(3),
        log.imagesPerSecond.toFixed(1),
        ((100 * log.dataSeconds) / log.seconds).toFixed(2),
        ...others.flatMap((name) => scores(log.others[name])),
        ...added.map(({ value }) => last[value] ?? ''),
      ];
      rows.append(cells.join(','));
    },
  };
}
