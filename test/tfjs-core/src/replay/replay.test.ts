import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { KernelCall, Recording } from './call.ts';
import { refusal, sameTests } from './summary.ts';
import { formatReplay } from './table.ts';

// In a process of its own, as the suite brings a tfjs-core of its own.
async function replay(pattern: string): Promise<string> {
  const main = join(import.meta.dirname, '..', '..', 'dist', 'replay', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, pattern]);
  return stdout;
}

test('a part of the tests: each call is the same in a graph, or has none as its shape depends on values', {
  tags: ['slow'],
}, async () => {
  const table = await replay(
    '^(matmul|softmax|cumsum|mean|argmax|gather|where|clipByValue|topk|unique) ',
  );
  expect(table).toMatch(/\| replayed \| \d{3,} \|/);
  expect(table).toContain('| other values | 0 (0.00 %) |');
  const [, refused] = table
    .split('## What has no graph')[1]!
    .split('## By kernel')[0]!
    .split('|--:|');
  expect(refused!.trim()).toMatch(
    /^\| Unique \| the shape of an output depends on values \| \d+ \|$/,
  );
});

const call: KernelCall = { kernel: 'Abs', inputs: {}, attributes: undefined };
const recording: Recording = {
  calls: [call, call, call],
  tests: [
    { name: 'same', calls: [0] },
    { name: 'not same', calls: [0, 1] },
    { name: 'left out', calls: [2] },
    { name: 'no call', calls: [] },
  ],
  callCount: 5,
  tooLarge: 0,
};
const replayed = [
  { kernel: 'Abs', status: 'close' as const },
  { kernel: 'Abs', status: 'different' as const, detail: '1 instead of 2' },
  undefined,
];

test('a test is the same if each of its calls is', () => {
  expect(sameTests(recording, replayed).map(({ name }) => name)).toEqual(['same', 'left out']);
});

test('the table counts calls and tests, and names what differs', () => {
  const table = formatReplay('title', recording, replayed);
  expect(table).toContain('| replayed | 2 |');
  expect(table).toContain('| other values | 1 (50.00 %) |');
  expect(table).toContain('| all of whose calls are the same in a graph | 2 (66.67 %) |');
  expect(table).toContain('| Abs | 1 instead of 2 | 1 |');
});

test('refusals are told by their class', () => {
  expect(refusal("the shape of Unique's output depends on values. Use")).toBe(
    'the shape of an output depends on values',
  );
  expect(refusal('Mean: wrong\nmore')).toBe('Mean: wrong');
});
