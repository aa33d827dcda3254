import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { calledFunctions } from './called-functions.ts';
import { pinsOf } from './fetch-wheel.ts';
import { withSiblings } from './install-packed.ts';
import { readLibrary } from './library.ts';
import { formatPlatforms, missing, type Platforms } from './table.ts';
import { WHEELS } from './wheels.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const platforms: Platforms = JSON.parse(read('../platforms.json'));
const { version, functions } = await calledFunctions();

test('every wheel exports every function that the code calls', () => {
  expect(functions.length).toBeGreaterThan(80);
  expect(platforms.tensorflow).toBe(version);
  expect(platforms.wheels.map(({ target }) => target)).toEqual(WHEELS.map(({ target }) => target));
  for (const wheel of platforms.wheels) {
    expect(missing(wheel, functions), `${wheel.wheel}: run pnpm platforms`).toEqual([]);
  }
  expect(missing(platforms.wheels[0]!, ['TF_Nothing'])).toEqual(['TF_Nothing']);
});

test('what was read are the wheels that are pinned, with the headers of Linux', () => {
  for (const { target, wheel, sha256, headers } of platforms.wheels) {
    const pins = pinsOf({ target, flavour: 'cpu' });
    expect(pins.version, wheel).toBe(platforms.tensorflow);
    expect(pins.hashes, wheel).toContain(sha256);
    expect(headers, wheel).toBe(platforms.wheels[0]!.headers);
  }
});

test('the page is made of the table', () => {
  expect(read('../PLATFORMS.md')).toBe(formatPlatforms(platforms, functions.length));
});

const binaries = join(
  dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
  'bin/napi-v6',
);

test.each([
  ['linux/x64/libonnxruntime.so.1', 'x64', 'libc.so.6', /^glibc 2\.\d+$/],
  [
    'darwin/arm64/libonnxruntime.1.dylib',
    'arm64',
    '/usr/lib/libSystem.B.dylib',
    /^macOS 1\d\.0, signed, @rpath: @loader_path$/,
  ],
  ['win32/x64/onnxruntime.dll', 'x64', 'KERNEL32.dll', /VCRUNTIME140\.dll/],
])('the tables of ONNX Runtime in %s are read', (path, arch, library, needs) => {
  const read = readLibrary(join(binaries, path));
  expect(read.arch).toBe(arch);
  expect(read.imports).toContain(library);
  expect(read.needs).toMatch(needs);
  expect(read.exports('OrtGetApiBase')).toBe(true);
  for (const name of ['OrtGetApiBas', 'OrtGetApiBase1', 'TF_Version', '']) {
    expect(read.exports(name), name).toBe(false);
  }
});

test('what a DLL takes from another is read', () => {
  const { namesFrom } = readLibrary(join(binaries, 'win32/x64/onnxruntime.dll'));
  expect(namesFrom!('VCRUNTIME140.dll')).toContain('memcpy');
  expect(namesFrom!('nothing.dll')).toEqual([]);
});

test('packages that are packed bring those that they need', () => {
  const all = withSiblings(['graph', 'image-data']);
  expect(all).toEqual(expect.arrayContaining(['libtensorflow', 'image-resize', 'durable-files']));
  expect(new Set(all).size).toBe(all.length);
});

test('what is no library is refused', () => {
  expect(() => readLibrary(import.meta.filename)).toThrow(/expected a shared library/);
});
