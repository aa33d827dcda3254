import type { Verdict } from './judge.ts';
import type { Spec } from './suite.ts';

/** What a run shows, as lines: what failed, the counts with and without the ignore list, and the time. */
export function formatCounts(title: string, specs: readonly Spec[], verdicts: readonly Verdict[]) {
  const tally = (rows: readonly { readonly status: string }[], status: string) =>
    rows.filter((row) => row.status === status).length;
  const seconds = specs.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  const failed = verdicts.filter(({ status }) => status === 'failed');
  return [
    ...failed.map(({ name, message }) => `FAILED  ${name}: ${message}`),
    `${title}, ${seconds.toFixed(1)} s`,
    `  with no list: ${tally(specs, 'passed')} passed, ${tally(specs, 'failed')} failed`,
    `  with ours:    ${tally(verdicts, 'passed')} passed, ${failed.length} failed, ${tally(verdicts, 'skipped')} ignored`,
  ].join('\n');
}
