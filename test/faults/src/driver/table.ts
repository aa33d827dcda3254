import { type Case, faultNames, nameOf, rowOf } from './cases.ts';
import { groupBy } from './group.ts';
import type { Ending, Outcome } from './outcome.ts';

/** A case and what became of it. */
export interface Result {
  readonly given: Case;
  readonly outcome: Outcome;
}

const order: readonly Ending[] = ['fault', 'resumed', 'stopped', 'warned', 'went on', 'not begun'];

/** Cases by how they ended: `3 stopped, 1 went on`. */
export function countEndings(results: readonly Result[]): string {
  const counts = order.map((ending) => ({
    ending,
    count: results.filter(({ outcome }) => outcome.ending === ending).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ ending, count }) => (ending === 'fault' ? `**${count} FAULT**` : `${count} ${ending}`))
    .join(', ');
}

/** The table of operation by fault, as Markdown. */
export function formatTable(results: readonly Result[]): string {
  const inOrder = results.toSorted((a, b) => a.given.at - b.given.at);
  const rows = groupBy(inOrder, ({ given }) => rowOf(given.operation));
  const used = faultNames.filter((fault) => results.some(({ given }) => given.fault === fault));
  const lines = [...rows].map(([row, group]) => {
    const cells = used.map((fault) =>
      countEndings(group.filter(({ given }) => given.fault === fault)),
    );
    return `| ${[row, ...cells].join(' | ')} |`;
  });
  return [
    `| operation | ${used.join(' | ')} |`,
    `| --- |${' --- |'.repeat(used.length)}`,
    ...lines,
  ].join('\n');
}

/** The cases that went wrong, a line each; many that went wrong in one way are one line. */
export function formatFaults(results: readonly Result[]): string[] {
  const wrong = results.filter(({ outcome }) => outcome.ending === 'fault');
  const groups = groupBy(
    wrong,
    ({ given, outcome }) =>
      `${rowOf(given.operation)}: ${outcome.detail.replace(/[0-9a-f]{16}/g, '…').replace(/\d+/g, 'N')}`,
  );
  return [...groups.values()].map((group) => {
    const names = group.map(({ given }) => nameOf(given)).join(' ');
    const [{ given, outcome }] = group as [Result, ...Result[]];
    return `${rowOf(given.operation)}: ${outcome.detail} [${names}]`;
  });
}
