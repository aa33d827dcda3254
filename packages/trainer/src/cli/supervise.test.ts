import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  causeOf,
  describeEnded,
  type Ended,
  isWorthAnother,
  prefixLines,
  supervise,
} from './supervise.ts';

const ended = (rank: number, code: number | null, more: Partial<Ended> = {}): Ended => ({
  ...{ rank, code, signal: code === null ? 'SIGKILL' : null, hung: false },
  ...more,
});

test('the lines of another rank have its number before them, and nothing that acts on a terminal', async () => {
  const input = Readable.from(['error: a\u001b[31m', 'b\nlast']);
  const output: string[] = [];
  prefixLines(3, input, { write: (text: string) => output.push(text) > 0 });
  await once(input, 'close');
  await setImmediate();
  expect(output).toEqual(['[3] error: a\\x1b[31mb\n', '[3] last\n']);
});

test.each<readonly [string, readonly Ended[], boolean, number | null]>([
  ['none where all are done', [ended(0, 0), ended(1, 0)], false, null],
  ['the one that was killed', [ended(0, 68), ended(1, null), ended(2, 143)], false, 1],
  [
    'the one that failed, whoever ended first',
    [ended(2, 68), ended(0, 143), ended(1, 3)],
    false,
    1,
  ],
  ['the one that hung', [ended(0, 68), ended(1, null, { hung: true })], false, 1],
  [
    'the one that was stopped before another hung',
    [ended(1, 143), ended(0, null, { hung: true })],
    false,
    1,
  ],
  ['the first where the others are only gone', [ended(2, 68), ended(0, 68)], false, 2],
  ['the one whose time was up', [ended(1, 143), ended(0, 75)], false, 0],
  ['the request, where they were asked to stop', [ended(1, 68), ended(0, 143)], true, 0],
])('of several that end the cause is %s', (_, all, asked, rank) => {
  expect(causeOf({ ended: all, asked })?.rank ?? null).toBe(rank);
});

test('what fails in the same way again, or was asked to stop, is not started again', () => {
  const worth = [null, 1, 68, 70];
  const all = [null, 1, 2, 3, 4, 68, 69, 70, 74, 75, 129, 130, 141, 143];
  expect(all.filter((code) => isWorthAnother(ended(0, code)))).toEqual(worth);
  expect(describeEnded(ended(1, 3))).toBe('rank 1 ended with exit code 3');
  expect(describeEnded(ended(1, null))).toBe('rank 1 was ended by SIGKILL');
});

const node = (script: string) => spawn(process.execPath, ['-e', script], { stdio: 'pipe' });
const waits = 'setInterval(() => {}, 1000);';
const heeds = `process.on('SIGTERM', () => process.exit(143)); console.log(); ${waits}`;
const ignores = `process.on('SIGTERM', () => {}); console.log(); ${waits}`;

test('when one fails the others are told to end, and killed when they do not', async () => {
  const [good, deaf] = [node(heeds), node(ignores)];
  await Promise.all([once(good.stdout, 'data'), once(deaf.stdout, 'data')]);
  const { ended: all, asked } = await supervise([node('process.exit(3)'), good, deaf], {
    grace: 4,
    hasBegun: () => true,
  });
  expect(asked).toBe(false);
  expect(all).toEqual([ended(0, 3), ended(1, 143), ended(2, null, { hung: true })]);
});

test('who stops before a run has begun ends the others; within one they stop by themselves', async () => {
  const stopping = async (hasBegun: boolean) => {
    const other = node(heeds);
    await once(other.stdout, 'data');
    const children = [node('process.exit(143)'), other];
    return (await supervise(children, { grace: 5, hasBegun: () => hasBegun })).ended;
  };
  const [early, late] = await Promise.all([stopping(false), stopping(true)]);
  expect(early).toEqual([ended(0, 143), ended(1, 143)]);
  expect(late).toEqual([ended(0, 143), ended(1, null, { hung: true })]);
});

test('a request to stop goes to all', async () => {
  const children = [node(heeds), node(heeds)];
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  const supervised = supervise(children, { grace: 30, hasBegun: () => true });
  process.emit('SIGTERM');
  const { ended: all, asked } = await supervised;
  expect(asked).toBe(true);
  expect(all.map(({ code }) => code)).toEqual([143, 143]);
});
