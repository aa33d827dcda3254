import { expect, test } from 'vitest';
import { cpuFindings, cpuOf, readCpu } from './cpu.ts';

const server = `processor\t: 0
model name\t: Intel(R) Xeon(R) Platinum 8481C
flags\t\t: fpu sse2 avx avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 avx512_fp16
`;

test('a server CPU shows all that makes it fast', () => {
  expect(readCpu(server, 'x64')).toEqual({
    model: 'Intel(R) Xeon(R) Platinum 8481C',
    present: ['AVX2', 'AVX-512', 'AVX512-VNNI', 'AVX512-BF16', 'AVX512-FP16', 'AMX-BF16'],
    absent: [],
  });
});

test('a desktop CPU shows what it lacks, which is no reason to warn', () => {
  const cpu = readCpu('model name : AMD Ryzen\nflags : avx avx2 fma\n', 'x64');
  expect(cpu.present).toEqual(['AVX2']);
  expect(cpu.absent).toContain('AVX512-BF16');
  expect(cpuFindings(cpu).map(({ status }) => status)).toEqual(['ok', 'ok']);
});

test('a CPU without AVX2 is warned of', () => {
  const [, features] = cpuFindings(readCpu('model name : old\nflags : sse2 avx\n', 'x64'));
  expect(features).toMatchObject({ status: 'warn', remedy: expect.stringContaining('AVX2') });
});

test('an ARM CPU is read by its own names', () => {
  const cpu = readCpu('Features\t: fp asimd asimdhp sve bf16\n', 'arm64');
  expect(cpu).toEqual({ model: 'arm64', present: ['NEON', 'FP16', 'SVE', 'BF16'], absent: [] });
  expect(cpuFindings(cpu)[1]).toMatchObject({
    status: 'ok',
    value: 'has NEON, FP16, SVE, BF16; lacks none',
  });
});

test('of a list that may not be read, or is of another CPU, nothing is said', () => {
  for (const text of ['', server]) {
    expect(cpuFindings(readCpu(text, 'arm64')).map(({ name }) => name)).toEqual(['CPU']);
  }
});

test('elsewhere than on Linux only the name of the CPU is known', async () => {
  const cpu = await cpuOf({ os: 'darwin', arch: 'arm64' });
  expect(cpuFindings(cpu)).toEqual([{ name: 'CPU', status: 'ok', value: cpu.model }]);
  expect(cpu.model).not.toBe('');
});
