import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakeProgram, fakePython } from '../../test/support/programs.ts';
import { makeTinyWheel, type TinyWheel } from '../../test/support/wheel.ts';
import { type InstallFailure, LibraryInstallError } from './errors.ts';
import { type InstallLibraryOptions, installLibrary, installPlan } from './install.ts';

interface Attempt extends InstallLibraryOptions {
  readonly settings?: NodeJS.ProcessEnv;
}

function install({ requirements, pipSettings }: TinyWheel, { settings, ...options }: Attempt) {
  return installPlan(
    { target: 'linux-x64', flavour: 'cpu', requirements },
    { env: { ...process.env, ...pipSettings, ...settings }, ...options },
  );
}

/** Fails as said, leaves nothing behind, and the next try works. */
async function expectFailure(
  attempt: Attempt,
  failure: InstallFailure,
  message: RegExp,
  bad?: TinyWheel,
) {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  const cacheDir = join(folder, 'cache');
  const error = await install(bad ?? wheel, { cacheDir, ...attempt }).catch(
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(LibraryInstallError);
  expect(error).toMatchObject({ failure, message: expect.stringMatching(message) });
  expect(readdirSync(cacheDir)).toEqual([]);
  const next = await install(wheel, { cacheDir, settings: wheel.fakePip });
  expect(next.source).toBe('installed');
}

test('without Python the error says how to get it and what else would do', async () => {
  await expectFailure(
    { settings: { PATH: '/nowhere' } },
    'python-missing',
    /expected Python 3, found none \(tried python3: ENOENT; python: ENOENT\).*apt install.*LIBTENSORFLOW_PATH/,
  );
});

test('a Python without pip is told from none', async () => {
  const PATH = temporaryFolder();
  fakeProgram(
    PATH,
    'python3',
    "console.error('/usr/bin/python3: No module named pip'); process.exit(1);",
  );
  await expectFailure(
    { settings: { PATH } },
    'pip-missing',
    /expected Python 3 with pip 21 or newer.*No module named pip/,
  );
});

test('a pip that is too old is to be updated', async () => {
  const PATH = temporaryFolder();
  fakePython(PATH, '', '20.0.2');
  const message = /python3 has pip 20.0.2; update it: python3 -m pip install --upgrade pip/;
  await expectFailure({ settings: { PATH } }, 'pip-missing', message);
});

test('a python that was asked for by name is the only one tried', async () => {
  const message = /tried \/nowhere\/python3.12: ENOENT\)/;
  await expectFailure({ python: '/nowhere/python3.12' }, 'python-missing', message);
});

test('a file where the cache should be, or a folder above it, is named', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const cacheDir of [join(folder, 'file'), join(folder, 'file', 'cache')]) {
    await expect(install(makeTinyWheel(folder), { cacheDir })).rejects.toMatchObject({
      failure: 'cache-not-writable',
      message: expect.stringMatching(/cannot write to .*file.* Set XDG_CACHE_HOME to a folder/),
    });
  }
});

test('without a network pip is quoted and its configuration named', async () => {
  // The real pip against a proxy that does not answer. An empty setting is the same as none.
  const settings = {
    PIP_NO_INDEX: '',
    PIP_FIND_LINKS: '',
    PIP_PROXY: 'http://127.0.0.1:9',
    PIP_RETRIES: '1',
  };
  const message =
    /could not reach its package index[\s\S]*ProxyError[\s\S]*"python3 -m pip config list/;
  await expectFailure({ settings }, 'network', message);
});

test('an index without the wheel is told from no network', async () => {
  const settings = { PIP_FIND_LINKS: '' };
  await expectFailure(
    { settings },
    'no-matching-wheel',
    /has no TensorFlow 2\.21\.0, or cannot be reached/,
  );
});

test('a wheel with another hash is not installed', async () => {
  const wrong = makeTinyWheel(temporaryFolder(), { sha256: '0'.repeat(64) });
  const message =
    /expected the wheel whose hash is pinned[\s\S]*Expected sha256 0000[\s\S]*Got +[0-9a-f]{64}[\s\S]*Try again/;
  await expectFailure({}, 'wrong-hash', message, wrong);
});

test('a library of another architecture is not installed', async () => {
  const wrong = makeTinyWheel(temporaryFolder(), { arch: 'arm64' });
  const message = /framework\.so\.2 is built for arm64, this is x64/;
  await expectFailure({}, 'unusable-library', message, wrong);
});

test('a pip that dies is quoted', async () => {
  const PATH = temporaryFolder();
  fakePython(PATH, "console.error('ERROR: something new'); process.exit(7);");
  await expectFailure(
    { settings: { PATH } },
    'pip-failed',
    /ended with exit code 7:\nERROR: something new/,
  );
});

test('a path that is too long for Windows is told how to be shorter', async () => {
  const PATH = temporaryFolder();
  const hint =
    'HINT: This error might have occurred since this system does not have Windows Long Path support enabled.';
  fakePython(PATH, `console.error(${JSON.stringify(hint)}); process.exit(1);`);
  const message = /too long for Windows:\nHINT[\s\S]*Set XDG_CACHE_HOME to a short path/;
  await expectFailure({ settings: { PATH } }, 'pip-failed', message);
});

test('an abort ends pip', async () => {
  const PATH = temporaryFolder();
  fakePython(PATH, 'setTimeout(() => {}, 60_000);');
  const signal = AbortSignal.timeout(500);
  await expectFailure(
    { settings: { PATH }, signal },
    'aborted',
    /stopped; nothing was left behind/,
  );
});

test('a disk without room for the wheels is refused before the download', async () => {
  const wheel = makeTinyWheel(temporaryFolder());
  const requirements = { ...wheel.requirements, downloadBytes: 1e15, unpackedBytes: 5e15 };
  const message = /expected 6000000\.0 GB of free disk while installing, got [\d.]+ GB in/;
  await expectFailure({}, 'disk-full', message, { ...wheel, requirements });
});

/** A file system of 10 MB; undefined where the user may not mount one. */
function smallDisk(): string | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', [folder]);
  });
  return folder;
}

test('a disk that runs full while pip unpacks is named', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip('only root may mount a file system');
  const cacheDir = join(disk, 'cache');
  mkdirSync(cacheDir);
  const large = makeTinyWheel(temporaryFolder(), { bodyBytes: 20e6 });
  await expect(install(large, { cacheDir })).rejects.toMatchObject({
    failure: 'disk-full',
    message: expect.stringMatching(/the disk is full: [\s\S]*No space left on device/),
  });
  expect(readdirSync(cacheDir)).toEqual([]);
  expect((await install(makeTinyWheel(temporaryFolder()), { cacheDir })).source).toBe('installed');
});

test.each([
  [{ os: 'darwin', arch: 'x64' }, /2\.16\.2/],
  [{ os: 'linux', arch: 'x64' }, /glibc|musl/],
])('%o is refused before anything is tried', async (platform, message) => {
  await expect(installLibrary({ platform, cacheDir: '/nowhere' })).rejects.toMatchObject({
    failure: 'unsupported-platform',
    message: expect.stringMatching(message),
  });
});

test('the GPU build is refused where there is none', async () => {
  const platform = { os: 'linux', arch: 'arm64', glibc: '2.36' };
  await expect(installLibrary({ platform, gpu: true, cacheDir: '/nowhere' })).rejects.toThrow(
    'TensorFlow has no GPU build for linux-arm64. Pass gpu: false',
  );
});
