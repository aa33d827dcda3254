import { expect, test } from 'vitest';
import { currentPlatform, libraryTarget } from './platform.ts';

test('Linux with glibc has a library on both architectures', () => {
  expect(libraryTarget({ os: 'linux', arch: 'x64', glibc: '2.36' })).toBe('linux-x64');
  expect(libraryTarget({ os: 'linux', arch: 'arm64', glibc: '2.27' })).toBe('linux-arm64');
});

test.each([
  [
    { os: 'darwin', arch: 'arm64' },
    /macOS is not supported\..*exports all that is called, but it was not tried\..*Linux with glibc 2.27/,
  ],
  [{ os: 'win32', arch: 'x64' }, /Windows is not supported\..*it was not tried\..*WSL 2/],
  [{ os: 'linux', arch: 'ppc64', glibc: '2.36' }, /architecture ppc64 is not supported/],
  [{ os: 'linux', arch: 'x64' }, /no glibc|musl/],
  [{ os: 'linux', arch: 'x64', glibc: '2.17' }, /this system has glibc 2.17/],
])('%o is refused with what is supported', (platform, sentence) => {
  expect(libraryTarget(platform)).toEqual({ unsupported: expect.stringMatching(sentence) });
});

test('this machine is described as Node describes it', () => {
  const platform = currentPlatform();
  expect(platform.os).toBe(process.platform);
  expect(platform.arch).toBe(process.arch);
  expect(platform.glibc).toMatch(/^2\.\d+$/);
});
