import { copyFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foreignBinaries } from '../../test/support/binaries.ts';
import { fakeElf } from '../../test/support/elf.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { libraryDefect, readLibraryHeader } from './library-header.ts';
import { currentPlatform, machineOf } from './platform.ts';

const x64 = { os: 'linux', arch: 'x64' };

function writeLibrary(content: Buffer | string): string {
  const path = join(temporaryFolder(), 'libtensorflow_cc.so.2');
  writeFileSync(path, content);
  return path;
}

test('the header of the running Node tells its architecture and that the file is whole', async () => {
  const header = await readLibraryHeader(process.execPath);
  expect(header.machine).toBe(process.arch);
  expect(header.expectedBytes).toBeGreaterThan(1e6);
  expect(header.expectedBytes).toBeLessThanOrEqual(header.fileBytes);
  expect(await libraryDefect(process.execPath, currentPlatform())).toBeUndefined();
});

test('a library of another architecture is named with both architectures', async () => {
  const path = writeLibrary(fakeElf('arm64'));
  expect(await libraryDefect(path, x64)).toBe(`${path} is built for arm64, this is x64`);
  expect(await libraryDefect(path, { os: 'linux', arch: 'arm64' })).toBeUndefined();
});

test('a library that was cut off is found out without a manifest', async () => {
  const path = writeLibrary(fakeElf('x64', 5000));
  truncateSync(path, 4000);
  expect(await libraryDefect(path, x64)).toMatch(/is truncated: 4000 of at least 5128 bytes/);
});

test.each([
  ['an empty file', '', /no shared library \(0 bytes\)/],
  ['a web page', '<html>not found</html>', /no shared library/],
  ['a header without the rest', fakeElf().subarray(0, 40), /truncated: 40 of at least 64/],
])('%s is no library', async (_, content, reason) => {
  expect(await libraryDefect(writeLibrary(content), x64)).toMatch(reason);
});

test('a missing file is called missing', async () => {
  expect(await libraryDefect('/nowhere/x.so', x64)).toBe('/nowhere/x.so does not exist');
});

test.each(['darwin-arm64', 'win32-x64'] as const)(
  'a library of %s is whole, cut off, or of another system',
  async (target) => {
    const path = join(temporaryFolder(), 'library');
    copyFileSync(foreignBinaries[target], path);
    const machine = machineOf(target);
    expect(await readLibraryHeader(path)).toMatchObject({ os: machine.os, machine: machine.arch });
    expect(await libraryDefect(path, machine)).toBeUndefined();
    expect(await libraryDefect(path, x64)).toBe(
      `${path} is built for ${machine.os}, this is linux`,
    );
    expect(await libraryDefect(path, { os: machine.os, arch: 'mips' })).toMatch(/this is mips$/);
    truncateSync(path, Math.floor(statSync(path).size / 2));
    expect(await libraryDefect(path, machine)).toMatch(/is truncated/);
    truncateSync(path, 40);
    expect(await libraryDefect(path, machine)).toMatch(/is truncated|is built for another/);
  },
);
