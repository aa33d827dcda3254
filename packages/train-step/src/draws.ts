import { csvColumns, jsonlNames, scoreColumns } from '../log-columns.ts';
import type { TrickParts } from './trick.ts';

type Named = TrickParts & { readonly name: string };

/** What a step takes besides the draws, so no draw has one of these names. */
export const stepInputs = ['images', 'labels', 'colors', 'learningRate'] as const;

/**
 * Checks that no two tricks use one name, nor one that every run has.
 *
 * @throws Error naming both tricks.
 */
export function checkNames(
  what: string,
  tricks: readonly Named[],
  namesOf: (trick: Named) => readonly string[],
  taken: readonly string[] = [],
): void {
  const owners = new Map<string, string>();
  for (const trick of tricks) {
    for (const name of namesOf(trick)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new Error(
          `tricks ${owner} and ${trick.name}: expected ${what} of different names, got '${name}' twice. Rename one`,
        );
      }
      if (taken.includes(name)) {
        throw new Error(
          `trick ${trick.name}: expected ${what} of other names than ${taken.join(', ')}, got '${name}'. Rename it`,
        );
      }
      owners.set(name, trick.name);
    }
  }
}

/** Checks what tricks add to the logs and to the checkpoint: no value stands in another's place. */
export function checkLogNames(tricks: readonly Named[]): void {
  // The network's own weights have no name.
  checkNames('weights', tricks, ({ weights }) => (weights ? [weights.name] : []), ['']);
  const columnsOf = (key: 'jsonl' | 'csv') => (trick: Named) =>
    (trick.columns ?? []).flatMap((column) => column[key] ?? []);
  checkNames('columns of metrics.jsonl', tricks, columnsOf('jsonl'), jsonlNames);
  const scores = tricks.flatMap(({ weights }) => (weights ? scoreColumns(weights.name) : []));
  checkNames('columns of summary.csv', tricks, columnsOf('csv'), [...csvColumns, ...scores]);
}
