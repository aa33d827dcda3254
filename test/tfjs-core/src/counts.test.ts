import { expect, test } from 'vitest';
import { formatCounts } from './counts.ts';
import { judge } from './judge.ts';
import type { Spec } from './suite.ts';

test('counts with no list, with the one of tfjs-node and with ours, and names what failed', () => {
  const spec = (name: string, status: Spec['status']): Spec => ({
    ...{ name, status, milliseconds: 500, leakedHandles: 0 },
    failures: status === 'failed' ? ['1 is not 2'] : [],
  });
  const specs = [
    spec('add works', 'passed'),
    spec('round int32', 'failed'),
    spec('tan of large numbers', 'failed'),
    spec('sort strings', 'passed'),
  ];
  const ours = [{ reason: 'float32 has no such digits', tests: ['tan of large numbers'] }];
  expect(formatCounts('suite', specs, judge(specs, ours), ['tan', 'sort ']).split('\n')).toEqual([
    'FAILED  round int32: 1 is not 2',
    'suite: 4 tests, 2.0 s',
    '  no ignore list     2 passed, 2 failed, 0 skipped',
    "  tfjs-node's list   1 passed, 1 failed, 0 skipped",
    '  our list           2 passed, 1 failed, 1 skipped',
  ]);
});
