import { csvColumns, jsonlNames, scoreColumns } from '@bag-of-tricks/run-folder';
import { checkNames, type NamedParts } from '@bag-of-tricks/train-step';

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
