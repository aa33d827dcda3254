import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pinnedRequirements } from './requirements.ts';

test.each([
  ['linux-x64', 'cpu', 1],
  ['linux-arm64', 'cpu', 1],
  ['linux-x64', 'gpu', 13],
  ['darwin-arm64', 'cpu', 1],
  ['win32-x64', 'cpu', 1],
] as const)('every wheel of %s %s is pinned by version and hash', (target, flavour, count) => {
  const requirements = pinnedRequirements(target, flavour)!;
  const lines = readFileSync(requirements.path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toHaveLength(count);
  for (const line of lines)
    expect(line).toMatch(/^[a-z0-9-]+==[0-9.]+( --hash=sha256:[0-9a-f]{64}){1,4}$/);
  expect(requirements.tensorflowVersion).toBe('2.21.0');
  expect(requirements.downloadBytes).toBeGreaterThan(220e6);
  expect(requirements.unpackedBytes).toBeGreaterThan(requirements.downloadBytes);
});

test('there is a GPU build for Linux on x64 alone', () => {
  for (const target of ['linux-arm64', 'darwin-arm64', 'win32-x64'] as const) {
    expect(pinnedRequirements(target, 'gpu')).toBeUndefined();
  }
});
