import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { findLibrary } from '../library/find.ts';

interface Measurement {
  readonly tensors: number;
  readonly handles: number;
  readonly rss: number;
}

interface Report {
  readonly losses: number[];
  readonly before: Measurement;
  readonly after: Measurement;
}

const packageFolder = join(import.meta.dirname, '../..');
let libraryPath: string;
beforeAll(async () => {
  libraryPath = (await findLibrary()).corePath;
});

/** Trains in a process of its own; an exit code other than 0 fails. */
async function train(node: string, warmUp: number, steps: number) {
  const { stdout, stderr } = await promisify(execFile)(
    node,
    ['--expose-gc', 'test/support/train.mjs', String(warmUp), String(steps)],
    {
      cwd: packageFolder,
      env: { ...process.env, LIBTENSORFLOW_PATH: libraryPath, NODE_OPTIONS: '' },
    },
  );
  return { stderr, ...(JSON.parse(stdout) as Report) };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('200 training steps keep tensors, native handles and memory where they are', {
  tags: ['slow'],
}, async () => {
  const { losses, before, after } = await train(process.execPath, 150, 200);
  expect(after.tensors).toBe(before.tensors);
  expect(after.handles).toBe(before.handles);
  expect(after.rss / before.rss).toBeLessThan(1.05);
  expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));
});

// The packages bring x64 executables.
describe.runIf(process.arch === 'x64')('every supported Node trains, to the same losses', () => {
  const { resolve } = createRequire(import.meta.url);
  const require = createRequire(resolve('@bag-of-tricks/node-versions/package.json'));
  const executables = ['node22', 'node24', 'node26'].map((name) =>
    join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node'),
  );

  test.each(executables)('%s', { tags: ['slow'] }, async (node) => {
    const expected = await train(process.execPath, 1, 9);
    const { losses, stderr } = await train(node, 1, 9);
    losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(expected.losses[step]!, 4);
    });
    // Of our doing: the bundle replaces what Node deprecated.
    expect(stderr).not.toMatch(/isNullOrUndefined|isArray|DEP0/);
  });
});
