/** A value of a step that joins the logs, and its names there. */
export interface Column {
  readonly value: string;
  readonly jsonl?: string;
  readonly csv?: string;
  readonly console?: string;
}

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
