import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { foreignBinaries } from '../../test/support/binaries.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakeProgram } from '../../test/support/programs.ts';
import { findLibrary } from './find.ts';
import { installPlan } from './install.ts';
import { libraryNames } from './library-names.ts';
import { machineOf } from './platform.ts';
import { pythonOf } from './python.ts';
import { requirePython } from './python-libraries.ts';
import { pinnedRequirements } from './requirements.ts';
import { publish, syncFlags } from './staging.ts';
import { wheelTagArguments } from './wheel-tags.ts';

/** Installs for another system, with a Python whose pip lays down what the wheel holds there, and which says where its own DLLs are. */
async function installFor(
  target: 'darwin-arm64' | 'win32-x64',
  {
    pythonVersion = '3.12',
    dlls = ['python312.dll', 'VCRUNTIME140.dll', 'other.dll'],
    dll = readFileSync(foreignBinaries['win32-x64']),
  } = {},
) {
  const root = temporaryFolder();
  const { folder, core, framework } = libraryNames(machineOf(target).os);
  const site = join(root, 'wheel');
  mkdirSync(join(site, folder), { recursive: true });
  for (const name of [core[0]!, framework, 'other.py']) {
    copyFileSync(foreignBinaries[target], join(site, folder, name));
  }
  const python = join(root, 'python home');
  mkdirSync(python);
  for (const name of dlls) writeFileSync(join(python, name), dll);
  const command = fakeProgram(
    root,
    'python3',
    `const args = process.argv.slice(2);
const target = args.find((arg) => arg.startsWith('--target='));
if (args.includes('--version')) console.log('pip 25.0 from /nowhere (python ${pythonVersion})');
else if (args.includes('-c')) console.log(${JSON.stringify(join(python, 'python312.dll'))});
else {
  require('fs').writeFileSync(${JSON.stringify(join(root, 'args'))}, args.join('\\n'));
  require('fs').writeFileSync(${JSON.stringify(join(root, 'scratch'))}, process.env.TMPDIR);
  require('fs').cpSync(${JSON.stringify(site)}, target.slice(9), { recursive: true });
}`,
  );
  const cacheDir = join(root, 'cache');
  const requirements = pinnedRequirements(target, 'cpu')!;
  const install = () =>
    installPlan({ target, flavour: 'cpu', requirements }, { cacheDir, env: {}, python: command });
  const find = () =>
    findLibrary({
      ...{ env: {}, cacheDir, projectDir: root },
      platform: { ...machineOf(target), release: '24.0.0' },
    });
  const noted = (name: string) => readFileSync(join(root, name), 'utf8');
  return {
    install,
    find,
    cacheDir,
    args: () => noted('args').split('\n'),
    scratch: () => noted('scratch'),
  };
}

test('on a Mac two libraries are installed, found and opened in their order', async () => {
  const { install, find, args, cacheDir, scratch } = await installFor('darwin-arm64');
  const { corePath, frameworkPath, preload } = await install();
  expect(args()).toContain('--platform=macosx_12_0_arm64');
  expect(args()).toContain('--python-version=3.11');
  expect(corePath).toMatch(/-darwin-arm64-cpu\/tensorflow\/libtensorflow_cc\.2\.dylib$/);
  expect(basename(frameworkPath)).toBe('libtensorflow_framework.2.dylib');
  expect(preload).toEqual([]);
  expect(scratch().startsWith(cacheDir)).toBe(true);
  expect(await find()).toMatchObject({ source: 'cache', corePath, version: '2.21.0' });
});

test("on Windows the wheel is that of the user's Python, whose libraries lie beside it", async () => {
  const { install, find, args, scratch } = await installFor('win32-x64');
  const { corePath, frameworkPath, preload } = await install();
  expect(args()).toContain('--platform=win_amd64');
  expect(args()).toContain('--python-version=3.12');
  expect(corePath).toMatch(/\/tensorflow\/python\/_pywrap_tensorflow_common\.dll$/);
  expect(frameworkPath).toBe(corePath);
  // Python takes short paths alone there.
  expect(dirname(scratch())).toBe(tmpdir());
  expect(existsSync(scratch())).toBe(false);
  expect(preload.map((path) => basename(path))).toEqual(['VCRUNTIME140.dll', 'python312.dll']);
  expect(await find()).toMatchObject({ source: 'cache', corePath, preload });
});

test('on Windows a Python without a wheel, without its library, or for another CPU is refused', async () => {
  const newer = await installFor('win32-x64', { pythonVersion: '3.14' });
  await expect(newer.install()).rejects.toThrow(
    /expected Python 3\.10, 3\.11, 3\.12, 3\.13.* 3\.14/,
  );
  const without = await installFor('win32-x64', { dlls: [] });
  await expect(without.install()).rejects.toThrow(/expected python312\.dll where/);
  const bits32 = Buffer.from(readFileSync(foreignBinaries['win32-x64']));
  bits32.writeUInt16LE(332, bits32.readUInt32LE(0x3c) + 4);
  const other = await installFor('win32-x64', { dll: bits32 });
  await expect(other.install()).rejects.toThrow(
    /expected a Python for x64, got .*python312\.dll is built for x86 \(32 bit\), this is x64/,
  );
  // Nothing was fetched for it.
  expect(other.args).toThrow('ENOENT');
  const python = { command: 'python3', pythonVersion: '3.14', pipVersion: '25' };
  expect(() => requirePython('darwin-arm64', python)).not.toThrow();
});

test('what is looked for is what the system calls it', async () => {
  const env = { LIBTENSORFLOW_PATH: '/nowhere' };
  const on = (os: string) => findLibrary({ env, platform: { os, arch: 'x64' } });
  await expect(on('darwin')).rejects.toThrow(/libtensorflow_cc\.2\.dylib and libtensorflow_fr/);
  await expect(on('win32')).rejects.toThrow(/folder of _pywrap_tensorflow_common\.dll, or unset/);
});

test('Python is looked for and installed as the system does', () => {
  expect(pythonOf('win32')).toEqual({
    names: ['python', 'py', 'python3'],
    advice: expect.stringContaining('winget'),
  });
  expect(pythonOf('darwin').advice).toContain('xcode-select');
  expect(pythonOf('linux').advice).toContain('apt install');
});

test('wheels for Linux are the same whatever the Python', () => {
  const tags = wheelTagArguments('linux-arm64', '3.13');
  expect(tags).toContain('--python-version=3.11');
  expect(tags).toContain('--platform=manylinux2014_aarch64');
});

test('Windows syncs files that may be written, and no folders', () => {
  expect([syncFlags('linux', true), syncFlags('darwin', false)]).toEqual(['r', 'r']);
  expect([syncFlags('win32', false), syncFlags('win32', true)]).toEqual(['r+', undefined]);
});

test('a folder that cannot be renamed to where nothing is, is an error', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'new'));
  const target = join(root, 'nowhere', 'old');
  await expect(publish(join(root, 'new'), target, async () => true)).rejects.toThrow('ENOENT');
});
