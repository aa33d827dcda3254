import { checkNames, type NamedParts } from '@bag-of-tricks/train-step';

/** The columns that every `summary.csv` has. */
export const csvColumns = [
  ...['epoch', 'train_loss', 'train_top1', 'eval_loss', 'eval_top1', 'eval_top5'],
  ...['lr', 'epoch_seconds', 'images_per_second', 'data_percent'],
];

/** The columns of weights that are evaluated beside the network's own. */
export const scoreColumns = (weights: string): string[] => [
  `${weights}_loss`,
  `${weights}_top1`,
  `${weights}_top5`,
];

/** The names that every line of `metrics.jsonl` has. */
export const jsonlNames = ['step', 'epoch', 'loss', 'top1', 'lr', 'imgPerSec', 'dataMs'] as const;

/**
 * Checks what tricks add to the logs and to the checkpoint: no value stands in another's place.
 *
 * @throws Error naming the tricks.
 */
export function checkLogNames(tricks: readonly NamedParts[]): void {
  // The network's own weights have no name.
  checkNames('weights', tricks, ({ weights }) => (weights ? [weights.name] : []), ['']);
  const columnsOf =
    (key: 'jsonl' | 'csv') =>
    ({ columns = [] }: NamedParts) =>
      columns.flatMap((column) => column[key] ?? []);
  checkNames('columns of metrics.jsonl', tricks, columnsOf('jsonl'), jsonlNames);
  const scores = tricks.flatMap(({ weights }) => (weights ? scoreColumns(weights.name) : []));
  checkNames('columns of summary.csv', tricks, columnsOf('csv'), [...csvColumns, ...scores]);
}
