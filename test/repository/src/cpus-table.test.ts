import { expect, test } from 'vitest';
import { writeCpus } from '../../../scripts/lib/cpus-table.mjs';

const order = {
  machines: [
    { name: 'this', what: 'as it is' },
    { name: 'haswell', what: 'qemu-x86_64 -cpu Haswell' },
  ],
  folders: ['packages/amp', 'packages/graph'],
};
const row = (machine: string, folder: string, outcome: string) =>
  `| ${machine} | ${folder}: src | ${outcome} | 1 | 2026-11-29, a CPU |`;
const tableOf = (text: string) =>
  text.split('\n').filter((line) => /^\| (?!---|machine)/.test(line));

test('a row takes the place of its older one, all in the order of the command', () => {
  const later = row('haswell', 'packages/amp', '2 passed');
  const rows = [later, row('this', 'packages/graph', 'old'), row('this', 'packages/graph', 'new')];
  const text = rows.reduce((text, one) => writeCpus(text, one, order), '');
  expect(tableOf(text)).toEqual([rows[2], later]);
});

test('what was written by hand below the table stays, byte for byte', () => {
  const first = writeCpus('', row('this', 'packages/amp', 'old'), order);
  const byHand = '\nBy hand: 57 passed.\n\n- `ONEDNN_MAX_CPU_ISA=AVX2`: 1 passed\n';
  const text = writeCpus(`${first}${byHand}`, row('haswell', 'packages/amp', 'new'), order);
  expect(text.endsWith(`| 1 | 2026-11-29, a CPU |\n${byHand}`)).toBe(true);
  expect(writeCpus(text, row('haswell', 'packages/amp', 'new'), order)).toBe(text);
});

test('the list explains the machines that were run, and says which were not', () => {
  const text = writeCpus('', row('this', 'packages/amp', 'passed'), order);
  expect(text).toContain('\n- `this`: as it is\n');
  expect(text).not.toContain('- `haswell`');
  expect(text).toMatch(/^No row yet, .*: `haswell`: qemu-x86_64 -cpu Haswell\.$/m);
  const both = writeCpus(text, row('haswell', 'packages/graph', 'passed'), order);
  expect(both).toContain('\n- `haswell`: qemu-x86_64 -cpu Haswell\n');
  expect(both).not.toContain('No row yet');
});

test('rows of what the command no longer runs go', () => {
  const text = writeCpus('', row('this', 'packages/gone', 'passed'), {
    ...order,
    folders: ['packages/gone'],
  });
  const now = row('this', 'packages/amp', 'passed');
  expect(tableOf(writeCpus(text, now, order))).toEqual([now]);
});
