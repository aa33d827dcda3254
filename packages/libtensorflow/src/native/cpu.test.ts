import { expect, test } from 'vitest';
import { requireAvx } from './cpu.ts';

test('an x64 CPU without AVX is an error before TensorFlow ends the process', () => {
  expect(() => requireAvx('flags\t\t: fpu sse2 sse4_2\n', 'x64')).toThrow('a CPU with AVX');
});

test.each([
  ['flags\t\t: fpu sse2 avx avx2\n', 'x64'],
  ['Features\t: fp asimd\n', 'arm64'],
  ['', 'x64'],
])('%j on %s passes', (cpuinfo, arch) => {
  expect(() => requireAvx(cpuinfo, arch)).not.toThrow();
});
