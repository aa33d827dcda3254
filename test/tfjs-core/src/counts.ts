import type { Verdict } from './judge.ts';
import type { Spec } from './suite.ts';

/** What a run shows, as lines: what failed, the time, and the counts with no ignore list, with tfjs-node's and with ours. */
export function formatCounts(
  title: string,
  specs: readonly Spec[],
  verdicts: readonly Verdict[],
  tfjsNodeIgnored: readonly string[],
): string {
  const seconds = specs.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  const theirs = specs.filter(({ name }) => !tfjsNodeIgnored.some((part) => name.includes(part)));
  return [
    ...verdicts
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `FAILED  ${name}: ${message}`),
    `${title}: ${specs.length} tests, ${seconds.toFixed(1)} s`,
    `  no ignore list     ${tally(specs)}`,
    `  tfjs-node's list   ${tally(theirs)}`,
    `  our list           ${tally(verdicts)}`,
  ].join('\n');
}

function tally(rows: readonly { readonly status: string }[]): string {
  const count = (status: string) => rows.filter((row) => row.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}
