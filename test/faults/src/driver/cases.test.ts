import { expect, test } from 'vitest';
import { allCases, drawCases, killsAtCuts, nameOf, rowOf } from './cases.ts';

const operations = [
  { name: 'mkdir', path: '.' },
  { name: 'create', path: 'checkpoints/.tmp-epoch-0001-step-00000003-77/model.safetensors' },
  { name: 'write', path: 'checkpoints/.tmp-epoch-0001-step-00000003-77/model.safetensors' },
  { name: 'rename', path: 'checkpoints/epoch-0001-step-00000003' },
  { name: 'symlink', path: 'checkpoints/.tmp-best-77' },
];

test('every operation meets a kill and EIO, and a write can be short and torn', () => {
  const names = allCases(operations).map(nameOf);
  for (let at = 1; at <= 5; at++) {
    expect(names).toContain(`kill@${at}`);
    expect(names).toContain(`EIO@${at}`);
  }
  expect(names.filter((name) => /short|torn/.test(name))).toEqual(['torn@3', 'short@3']);
});

test('a row of the table is what the operation is on, whatever its numbers', () => {
  expect(operations.map(rowOf)).toEqual([
    'mkdir the run folder',
    'create new checkpoint, a file',
    'write new checkpoint, a file',
    'rename checkpoint',
    'symlink best',
  ]);
  expect(rowOf({ name: 'close', path: 'env.json.*.unfinished' })).toBe('close env.json (new)');
  const probes = ['.tmp-.tmp-probe-18792/file', '.tmp-.tmp-probe-18792-deleted', '.tmp-probe'];
  expect(probes.map((path) => rowOf({ name: 'open', path }))).toEqual([
    ...['open .tmp-.tmp-probe/file', 'open .tmp-.tmp-probe-deleted', 'open .tmp-probe'],
  ]);
});

test('a draw is spread over the kinds, repeats by its seed, and never takes a case twice', () => {
  const many = Array.from({ length: 40 }, () => operations).flat();
  const all = allCases(many);
  const drawn = drawCases(all, 60, 3);
  expect(drawn).toHaveLength(60);
  expect(new Set(drawn.map(nameOf)).size).toBe(60);
  expect(drawCases(all, 60, 3)).toEqual(drawn);
  const kinds = new Set(all.map(({ fault, operation }) => `${fault} ${rowOf(operation)}`));
  expect(new Set(drawn.map((one) => `${one.fault} ${rowOf(one.operation)}`)).size).toBe(kinds.size);
  expect(drawCases(all, 1e6, 3)).toHaveLength(all.length);
});

test('a kill comes at each cutting-off of rows and after it', () => {
  const cut = { name: 'truncate', path: 'metrics.jsonl' };
  const all = allCases([...operations.slice(0, 2), cut, ...operations]);
  expect(killsAtCuts(all).map(nameOf)).toEqual(['kill@3', 'kill@4', 'kill@5', 'kill@6']);
});
