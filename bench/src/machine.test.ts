import { expect, test } from 'vitest';
import { cpuFlags, describeMachine } from './machine.ts';

test('flags are whole words of the first core', () => {
  const flags = cpuFlags(
    'model name\t: Some CPU\nflags\t\t: fpu avx2 avx512f_like amx_tile\n\nflags\t\t: avx512f\n',
  );
  expect(flags.avx2).toBe(true);
  expect(flags.amx_tile).toBe(true);
  expect(flags.avx512f).toBe(false);
  expect(flags.avx512_bf16).toBe(false);
});

test('the features of an ARM core are read too', () => {
  const flags = cpuFlags('BogoMIPS\t: 50.00\nFeatures\t: fp asimd bf16\n');
  expect(flags.bf16).toBe(true);
  expect(flags.avx2).toBe(false);
});

test('a machine without /proc/cpuinfo has no flags', () => {
  expect(Object.values(cpuFlags(''))).not.toContain(true);
});

test('this machine has a core and some memory', () => {
  const machine = describeMachine();
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.memoryGiB).toBeGreaterThan(0);
});
