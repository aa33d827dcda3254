import type { Recording } from './call.ts';
import { type Replayed, refusal, sameTests } from './summary.ts';

/** The result of a replay as Markdown. */
export function formatReplay(
  title: string,
  recording: Recording,
  replayed: readonly (Replayed | undefined)[],
): string {
  const done = replayed.filter((replay) => replay !== undefined);
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;
  const count = (status: string, rows = done) => rows.filter((r) => r.status === status).length;
  const withCalls = recording.tests.filter(({ calls }) => calls.length > 0);
  const same = sameTests(recording, replayed);
  const overview = [
    ['calls of kernels in the tests that pass or fail', recording.callCount],
    ['of more than 100,000 elements, left out', recording.tooLarge],
    ['different calls: kernel, attributes, types, shapes and values', recording.calls.length],
    [
      'random, or of a kernel that a test registers for itself: left out',
      replayed.length - done.length,
    ],
    ['replayed', done.length],
    ...(['same', 'close', 'different', 'refused'] as const).map((status) => [
      meanings[status],
      `${count(status)} (${share(count(status), done.length)})`,
    ]),
    ['tests that call a kernel', withCalls.length],
    [
      'all of whose calls are the same in a graph',
      `${same.length} (${share(same.length, withCalls.length)})`,
    ],
  ].map(row);
  const kernels = [...new Set(done.map(({ kernel }) => kernel))].sort().map((kernel) => {
    const rows = done.filter((replay) => replay.kernel === kernel);
    const counts = ['same', 'close', 'different', 'refused'].map((status) => count(status, rows));
    return row([kernel, rows.length, ...counts.map((n) => n || '')]);
  });
  return [
    `# tfjs-core's tests through \`compile\`\n`,
    `Made by \`pnpm tfjs-core:replay\`: ${title}. Each call of a kernel in tfjs-core's tests is traced by \`compile\``,
    'with its tensors as inputs, run, and compared with its eager values.\n',
    '|   |   |\n|---|--:|',
    ...overview,
    '\n## What differs\n',
    ...tableOf(
      ['kernel', 'what', 'calls'],
      tally(done, 'different', (detail) => detail),
    ),
    '\n## What has no graph\n',
    ...tableOf(['kernel', 'why', 'calls'], tally(done, 'refused', refusal)),
    '\n## By kernel\n',
    '| kernel | calls | same bits | same but for rounding | different | refused |',
    '|---|--:|--:|--:|--:|--:|',
    ...kernels,
    '',
  ].join('\n');
}

const meanings = {
  same: 'the same bits',
  close: 'the same but for rounding: 1e-5 of the largest',
  different: 'other values',
  refused: 'no graph',
};

function row(cells: readonly unknown[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** How often each kernel has each reason. */
function tally(
  done: readonly Replayed[],
  status: string,
  reasonOf: (detail: string) => string,
): [string, number][] {
  const counts = new Map<string, number>();
  for (const replay of done.filter((each) => each.status === status)) {
    const key = `${replay.kernel} | ${reasonOf(replay.detail ?? '').replaceAll('|', '\\|')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function tableOf(head: string[], rows: [string, number][]): string[] {
  if (rows.length === 0) return ['Nothing.'];
  return [row(head), '|---|---|--:|', ...rows.map(row)];
}
