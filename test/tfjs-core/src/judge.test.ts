import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Spec } from './suite.ts';

function spec(name: string, status: Spec['status'], leakedHandles = 0): Spec {
  return {
    name,
    status,
    failures: status === 'failed' ? ['1 is not 2'] : [],
    milliseconds: 1,
    leakedHandles,
  };
}
const list = [{ reason: 'TensorFlow has no such op', tests: ['searching', 'sorting'] }];

test('an ignored test that fails is skipped with its reason, others count as they ended', () => {
  const specs = [spec('searching', 'failed'), spec('adding', 'passed'), spec('rounding', 'failed')];
  expect(judge(specs, [{ ...list[0]!, tests: ['searching'] }])).toEqual([
    { name: 'searching', status: 'skipped', message: 'TensorFlow has no such op' },
    { name: 'adding', status: 'passed', message: '' },
    { name: 'rounding', status: 'failed', message: '1 is not 2' },
  ]);
});

test('an entry of the list fails when its test passes, or when there is no such test', () => {
  const [searching, sorting] = judge([spec('searching', 'passed')], list);
  expect(searching).toMatchObject({ name: 'searching', status: 'failed' });
  expect(searching?.message).toContain('passes. Take it off');
  expect(sorting).toMatchObject({ name: 'sorting', status: 'failed' });
  expect(sorting?.message).toContain('no test has this name');
});

test('a test that leaves tensors in native memory fails', () => {
  const [adding] = judge([spec('adding', 'passed', 2)], []);
  expect(adding).toEqual({
    name: 'adding',
    status: 'failed',
    message: 'leaves 2 tensors in native memory.',
  });
});
