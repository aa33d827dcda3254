import { expect, test } from 'vitest';
import {
  currentPlatform,
  type LibraryTarget,
  libraryTarget,
  machineOf,
  neverRunOn,
} from './platform.ts';

test('Linux with glibc has a library on both architectures', () => {
  expect(libraryTarget({ os: 'linux', arch: 'x64', glibc: '2.36' })).toBe('linux-x64');
  expect(libraryTarget({ os: 'linux', arch: 'arm64', glibc: '2.27' })).toBe('linux-arm64');
});

test.each([
  [{ os: 'darwin', arch: 'x64', release: '24.0.0' }, /2\.16\.2.*Node for arm64.*glibc 2\.27/],
  [
    { os: 'darwin', arch: 'arm64', release: '20.6.0' },
    /macOS 12 or newer, this is Darwin 20\.6\.0/,
  ],
  [{ os: 'win32', arch: 'arm64' }, /no wheel for Windows on arm64.*WSL 2/],
  [{ os: 'freebsd', arch: 'x64' }, /freebsd is not supported.*container/],
  [{ os: 'linux', arch: 'ppc64', glibc: '2.36' }, /architecture ppc64 is not supported/],
  [{ os: 'linux', arch: 'x64' }, /no glibc|musl/],
  [{ os: 'linux', arch: 'x64', glibc: '2.17' }, /this system has glibc 2.17/],
])('%o is refused with what is supported', (platform, sentence) => {
  expect(libraryTarget(platform)).toEqual({ unsupported: expect.stringMatching(sentence) });
});

test('macOS on Apple CPUs and Windows on x64 have a library that was never run', () => {
  const mac = libraryTarget({ os: 'darwin', arch: 'arm64', release: '21.0.0' });
  const windows = libraryTarget({ os: 'win32', arch: 'x64', release: '10.0.19045' });
  expect([mac, windows]).toEqual(['darwin-arm64', 'win32-x64']);
  for (const target of [mac, windows] as LibraryTarget[]) expect(neverRunOn(target)).toBeDefined();
  expect(neverRunOn('linux-x64')).toBeUndefined();
  expect(machineOf('win32-x64')).toEqual({ os: 'win32', arch: 'x64' });
});

test('this machine is described as Node describes it', () => {
  const platform = currentPlatform();
  expect(platform.os).toBe(process.platform);
  expect(platform.arch).toBe(process.arch);
  expect(platform.glibc).toMatch(/^2\.\d+$/);
});
