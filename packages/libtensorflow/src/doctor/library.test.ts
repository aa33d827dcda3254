import { expect, test } from 'vitest';
import type { LibraryLocation } from '../library/location.ts';
import { probeFindings } from './library.ts';

test('a library that does not load is to be installed again, on Windows after what it needs of Microsoft', () => {
  const location = { source: 'cache', directory: '/cache/x/tensorflow' } as LibraryLocation;
  const remedyOn = (os: string, remedy?: string) => {
    const report = { defect: 'it failed', ...(remedy && { remedy }) };
    return probeFindings(report, location, { pinnedVersion: '2.21.0', os })[0]!.remedy;
  };
  const again =
    'Delete /cache/x and install the library again, or set LIBTENSORFLOW_PATH to another.';
  expect(remedyOn('linux')).toBe(again);
  expect(remedyOn('win32')).toMatch(/^Install Microsoft's Visual C\+\+ Redistributable for x64/);
  expect(remedyOn('win32')).toContain(`If it is there: ${again}`);
  expect(remedyOn('win32', 'Give --allow-ffi.')).toBe('Give --allow-ffi.');
});

test('a library that could not be tried is a warning, for training starts no process', () => {
  const location = { source: 'cache', directory: '/cache/x/tensorflow' } as LibraryLocation;
  const untried = { untried: 'NotCapable', remedy: 'Give --allow-run.' };
  const options = { pinnedVersion: '2.21.0', os: 'linux' };
  expect(probeFindings(untried, location, options)).toEqual([
    {
      ...{ name: 'Test step', status: 'warn', remedy: 'Give --allow-run.' },
      value: 'not tried, no process could be started: NotCapable',
    },
  ]);
});
