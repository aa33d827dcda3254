import { readFileSync } from 'node:fs';
import { modelNames as mobileNets } from '@bag-of-tricks/mobilenet-variants';
import { modelNames as resNets } from '@bag-of-tricks/resnet-variants';
import { expect, test } from 'vitest';
import { NAMES } from './networks.ts';
import { formatTable, holds, type Row, readRows } from './table.ts';

const committed = readFileSync(new URL('../RESULTS.md', import.meta.url), 'utf8');
const rows = readRows(committed);

test('every network of the table has its row, and each row holds', () => {
  expect(rows.map(({ name }) => name)).toEqual(NAMES);
  expect(rows.filter((row) => !holds(row))).toEqual([]);
  expect(new Set(rows.map(({ versions }) => `${versions.torch} ${versions.timm}`)).size).toBe(1);
});

test('every name of the packages is in the table, but for plain ResNets, of which every depth and variant is', () => {
  // B is what has no letter.
  const plain = /^(?:cifar_)?resnet(\d+)(?:_v1)?b?([acdt]?)(_pad)?$/;
  const parts = (names: readonly string[]) =>
    new Set(names.flatMap((name) => plain.exec(name)?.slice(1) ?? name));
  expect(parts(NAMES)).toEqual(parts([...mobileNets(), ...resNets()]));
});

test('a row fails beyond its limit, and beyond twice what PyTorch differs by where that is more', () => {
  const row = (gradients: number, torch: number): Row => ({
    ...rows[0]!,
    ours: { ...rows[0]!.ours, gradients },
    rounding: { ...rows[0]!.rounding, gradients: torch },
  });
  expect([row(9e-4, 0), row(1.1e-3, 0), row(1.1e-3, 6e-4)].map(holds)).toEqual([true, false, true]);
  expect(holds(row(Number.NaN, 0))).toBe(false);
  const table = formatTable([row(Number.POSITIVE_INFINITY, 0)], NAMES, '2');
  expect(table).toContain('| **no** |');
  expect(readRows(table).map(holds)).toEqual([false]);
});
