import { expect, test } from 'vitest';
import { checkRow, formatRow } from '../../../scripts/lib/sizes.mjs';
import { packages, read } from './workspace.ts';

const sizes = { packed: 16_000, unpacked: 57_000, code: 1_100, files: 23 };
const row = formatRow('adamw', sizes);

test('a package that has grown by more than a quarter, or that has no row, is named with what to do', () => {
  expect(() => checkRow(row, 'adamw', { ...sizes, packed: 19_000, files: 99 })).not.toThrow();
  const grown = { ...sizes, unpacked: 80_000 };
  expect(() => checkRow(row, 'adamw', grown)).toThrow(/SIZES\.md: expected adamw .* 80\.0 .*57\.0/);
  expect(() => checkRow(row, 'mixup', sizes)).toThrow(/none\. .*pnpm docs:sizes/);
});

test('the table of sizes has a row for each package and no other', () => {
  const rows = [...read('SIZES.md').matchAll(/^\| \[([^\]]+)\]/gm)].map(([, name]) => name);
  expect(rows).toEqual(packages.map(({ name }) => name));
});
