import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatTotals, readTasks, sumResults } from '../../../scripts/lib/test-results.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'test-results-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

type Status = 'passed' | 'failed' | 'pending' | 'todo';

/** A task of turbo's summary; with `statuses`, its package holds the results of one test file. */
function task(name: string, exitCode: number | null, statuses?: Status[], fileStatus = 'passed') {
  const [directory = '', kind = ''] = name.split('#');
  if (statuses !== undefined) {
    mkdirSync(join(root, directory), { recursive: true });
    const assertionResults = statuses.map((status, i) => ({
      ...{ status, fullName: `test ${i}` },
      failureMessages: status === 'failed' ? ['Error: Test timed out\n    at file:1:1'] : [],
    }));
    const results = { testResults: [{ name: 'a.test.ts', status: fileStatus, assertionResults }] };
    writeFileSync(join(root, directory, 'test-results.json'), JSON.stringify(results));
  }
  return { taskId: name, task: kind, command: 'x', directory, execution: { exitCode } };
}

test('tests of all packages are added up', () => {
  const totals = sumResults(root, [
    task('a#test', 0, ['passed', 'passed']),
    task('b#test', 0, ['passed', 'pending', 'todo']),
    task('b#check', 0),
  ]);
  expect(totals).toEqual({ passed: 3, skipped: 2, failures: [] });
  expect(formatTotals(totals)).toBe('3 passed, 0 failed, 2 skipped');
});

test('a failed test is counted once and named with its reason, although its task ended with 1', () => {
  const totals = sumResults(root, [task('a#test', 1, ['passed', 'failed'], 'failed')]);
  expect(totals.failures).toEqual(['a#test: test 1: Error: Test timed out']);
  expect(formatTotals(totals)).toBe('1 passed, 1 failed');
});

test.each<[string, Parameters<typeof task>, string]>([
  ['a check that failed', ['a#check', 2], 'a#check: ended with 2'],
  ['a check that never ran', ['a#check', null], 'a#check: did not run'],
  ['a package without results', ['a#test', 0], 'a#test: wrote no results'],
  ['a package without tests', ['a#test', 0, []], 'a#test: ran no tests'],
  ['an error outside any test', ['a#test', 1, ['passed']], 'a#test: ended with 1'],
  ['a file that cannot load', ['a#test', 1, ['passed'], 'failed'], 'a#test: a.test.ts'],
])('%s counts as a failure', (_name, args, failure) => {
  expect(sumResults(root, [task(...args)]).failures).toEqual([failure]);
});

test('the tasks are those of the newest summary that have a command', () => {
  const write = (name: string, command: string) =>
    writeFileSync(join(root, name), JSON.stringify({ tasks: [{ taskId: name, command }] }));
  write('2abc.json', 'tsc');
  write('1abc.json', 'tsc');
  expect(readTasks(root)).toEqual([{ taskId: '2abc.json', command: 'tsc' }]);
  write('3abc.json', '<NONEXISTENT>');
  expect(readTasks(root)).toEqual([]);
});

test('a run without a summary is an error', () => {
  expect(() => readTasks(join(root, 'none'))).toThrow('no summary');
});
