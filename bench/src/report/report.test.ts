import { expect, test } from 'vitest';
import { describePrecision } from './amp-report.ts';
import { busyWarning } from './busy-machine.ts';
import { gigabytes, percent, seconds, spread, threeDigits } from './numbers.ts';
import { describeProvenance, mergeVersions, provenance } from './provenance.ts';
import { formatTable } from './table.ts';

test('columns are aligned, names to the left and numbers to the right', () => {
  expect(
    formatTable(
      ['net', 'img/s'],
      [
        ['graph', '7'],
        ['a', '1234567'],
      ],
    ),
  ).toBe(['net      img/s', '-----  -------', 'graph        7', 'a      1234567'].join('\n'));
});

test('numbers show three digits that matter', () => {
  expect([0, 0.01234, 0.1234, 1.234, 12.34, 123.4, 1234.5].map(threeDigits)).toEqual([
    '0.00',
    '0.012',
    '0.123',
    '1.23',
    '12.3',
    '123',
    '1235',
  ]);
  expect(spread({ median: 2, min: 1, max: 3 })).toBe('2.00 (1.00..3.00)');
  expect([percent(0.5), percent(0.0123), percent(-0.02), percent(null)]).toEqual([
    '50 %',
    '1.2 %',
    '-2.0 %',
    '-',
  ]);
  expect([seconds(1500), seconds(null), gigabytes(2.5e9)]).toEqual(['1.50', '-', '2.50']);
});

test('a machine that others used is named with how much, a quiet or unknown one is not', () => {
  const shares = (...values: (number | null)[]) =>
    busyWarning(values.map((foreignShare) => ({ foreignShare })));
  expect(shares(0.01, 0.4, 0.2)).toMatch(/2 of 3 processes.*up to 40 %/);
  expect(shares(0.01, null)).toBeNull();
});

test('a report says what it was made on and with', async () => {
  const before = await provenance('train-step');
  expect(before.command).toBe('train-step');
  expect(new Date(before.date).getTime()).not.toBeNaN();
  expect(describeProvenance({ ...before, commit: '0123456789abcdef' })).toContain(
    'commit 012345678,',
  );
  expect(describeProvenance({ ...before, commit: '0123456789abcdef+' })).toContain(
    'commit 012345678+,',
  );
  expect(describeProvenance({ ...before, commit: null })).toContain('commit unknown');
  expect(
    mergeVersions([
      [{ versions: { node: '20' } }],
      [{ versions: { pytorch: '2' } }, { versions: {} }],
    ]),
  ).toEqual({ node: '20', pytorch: '2' });
});

test('a type that is emulated is named as such, with what was seen', () => {
  const describe = (native: 'fast' | 'emulated', error: number | null, time: number | null) =>
    describePrecision({ dtype: 'bfloat16', native, error, timeOverFloat32: time });
  expect(describe('fast', 0.0017, 0.6)).toContain(
    'bfloat16, which this machine does fast (convolutions take 0.60 of the time of float32)',
  );
  expect(describe('fast', null, null)).toContain('(on a GPU)');
  expect(describe('emulated', 0.012, null)).toMatch(
    /have an error of 0\.012\..*no target is judged/,
  );
  expect(describe('emulated', 0.0017, 2.4)).toContain("take 2.4 times as long as float32's");
  expect(describe('emulated', null, null)).toContain('emulated in float32 on rounded operands');
});
