import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeElf } from '../../test/support/elf.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { libraryDefect, readElfHeader } from './elf.ts';

function writeLibrary(content: Buffer | string): string {
  const path = join(temporaryFolder(), 'libtensorflow_cc.so.2');
  writeFileSync(path, content);
  return path;
}

test('the header of the running Node tells its architecture and that the file is whole', async () => {
  const header = await readElfHeader(process.execPath);
  expect(header.machine).toBe(process.arch);
  expect(header.expectedBytes).toBeGreaterThan(1e6);
  expect(header.expectedBytes).toBeLessThanOrEqual(header.fileBytes);
  expect(await libraryDefect(process.execPath, process.arch)).toBeUndefined();
});

test('a library of another architecture is named with both architectures', async () => {
  const path = writeLibrary(fakeElf('arm64'));
  expect(await libraryDefect(path, 'x64')).toBe(`${path} is built for arm64, this is x64`);
  expect(await libraryDefect(path, 'arm64')).toBeUndefined();
});

test('a library that was cut off is found out without a manifest', async () => {
  const path = writeLibrary(fakeElf('x64', 5000));
  truncateSync(path, 4000);
  expect(await libraryDefect(path, 'x64')).toMatch(/is truncated: 4000 of at least 5128 bytes/);
});

test.each([
  ['an empty file', '', /not a Linux shared library \(0 bytes\)/],
  ['a web page', '<html>not found</html>', /not a Linux shared library/],
  ['a header without the rest', fakeElf().subarray(0, 40), /truncated: 40 of at least 64/],
])('%s is no library', async (_, content, reason) => {
  expect(await libraryDefect(writeLibrary(content), 'x64')).toMatch(reason);
});

test('a missing file is called missing', async () => {
  expect(await libraryDefect('/nowhere/x.so', 'x64')).toBe('/nowhere/x.so does not exist');
});
