import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeElf } from '../../test/support/elf.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { LibraryNotFoundError } from './errors.ts';
import { findLibrary } from './find.ts';
import { writeManifest } from './manifest.ts';

const platform = { os: 'linux', arch: 'x64', glibc: '2.36' };
const core = 'libtensorflow_cc.so.2';
const framework = 'libtensorflow_framework.so.2';

function writeFiles(folder: string, files: readonly string[], arch: 'x64' | 'arm64' = 'x64') {
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), fakeElf(arch));
  }
}

/** An empty home and project, and how to look for the library from there. */
function machine() {
  const root = temporaryFolder();
  const cacheDir = join(root, 'cache');
  const find = (env: NodeJS.ProcessEnv = {}) =>
    findLibrary({ env, cacheDir, projectDir: root, platform });
  const cached = async (flavour: 'cpu' | 'gpu') => {
    const folder = join(cacheDir, `libtensorflow-2.21.0-linux-x64-${flavour}`);
    const files = [`tensorflow/${core}`, `tensorflow/${framework}`];
    if (flavour === 'gpu') files.push('nvidia/cublas/lib/libcublas.so.12');
    writeFiles(folder, files);
    await writeManifest(folder, '2.21.0', files);
    return folder;
  };
  return { root, cacheDir, find, cached };
}

test('an empty machine gets an error that lists every place, why it failed and what to do', async () => {
  const { root, cacheDir, find } = machine();
  const error = (await find().catch((cause: unknown) => cause)) as LibraryNotFoundError;
  expect(error).toBeInstanceOf(LibraryNotFoundError);
  expect(error.tried).toEqual([
    { place: 'LIBTENSORFLOW_PATH', reason: 'not set' },
    { place: `the cache ${cacheDir}/libtensorflow-2.21.0-linux-x64-gpu`, reason: 'not installed' },
    { place: `the cache ${cacheDir}/libtensorflow-2.21.0-linux-x64-cpu`, reason: 'not installed' },
    {
      place: 'deps/lib of @tensorflow/tfjs-node-gpu',
      reason: `not installed in ${root}`,
    },
    { place: 'deps/lib of @tensorflow/tfjs-node', reason: `not installed in ${root}` },
  ]);
  for (const { place, reason } of error.tried)
    expect(error.message).toContain(`${place}: ${reason}`);
  expect(error.message).toMatch(
    /Install it by `npx @bag-of-tricks\/trainer install`.*installLibrary.*LIBTENSORFLOW_PATH/,
  );
});

test('LIBTENSORFLOW_PATH may name the folder, the library, or a link to it', async () => {
  const { root, find } = machine();
  const folder = join(root, 'own');
  writeFiles(folder, [core, framework]);
  symlinkSync(join(folder, core), join(root, core));
  for (const path of [folder, join(folder, core), join(root, core)]) {
    expect(await find({ LIBTENSORFLOW_PATH: path })).toEqual({
      source: 'environment',
      directory: folder,
      corePath: join(folder, core),
      frameworkPath: join(folder, framework),
      preload: [],
      tried: [],
    });
  }
});

test('LIBTENSORFLOW_PATH comes before the cache, and never falls back to it', async () => {
  const { find, cached } = machine();
  await cached('cpu');
  await expect(find({ LIBTENSORFLOW_PATH: '/nowhere' })).rejects.toThrow(
    /LIBTENSORFLOW_PATH=\/nowhere: no libtensorflow_cc\.so\.2 or libtensorflow\.so\.2 in \/nowhere/,
  );
});

test('a library for another architecture is refused by name', async () => {
  const { root, find } = machine();
  writeFiles(root, [core, framework], 'arm64');
  await expect(find({ LIBTENSORFLOW_PATH: root })).rejects.toThrow(/built for arm64, this is x64/);
});

test('a TensorFlow in site-packages tells its version and brings the CUDA libraries beside it', async () => {
  const { root, find } = machine();
  const cuda = [
    'cudnn/lib/libcudnn.so.9',
    'cublas/lib/libcublas.so.12',
    'nvjitlink/lib/libnvJitLink.so.12',
  ];
  const unwanted = ['cublas/lib/libnvblas.so.12', 'cudnn/lib/libcudnn_ops.so.9'];
  writeFiles(root, [`tensorflow/${core}`, `tensorflow/${framework}`]);
  writeFiles(join(root, 'nvidia'), [...cuda, ...unwanted]);
  mkdirSync(join(root, 'tensorflow-2.20.1.dist-info'));
  const found = await find({ LIBTENSORFLOW_PATH: join(root, 'tensorflow') });
  expect(found.version).toBe('2.20.1');
  expect(found.preload).toEqual(cuda.reverse().map((path) => join(root, 'nvidia', path)));
});

test('the GPU build in the cache is taken before the CPU build', async () => {
  const { find, cached } = machine();
  const cpu = await cached('cpu');
  expect(await find()).toMatchObject({
    source: 'cache',
    directory: join(cpu, 'tensorflow'),
    version: '2.21.0',
    tried: [{ place: 'LIBTENSORFLOW_PATH' }, { reason: 'not installed' }],
  });
  const gpu = await cached('gpu');
  expect(await find()).toMatchObject({
    directory: join(gpu, 'tensorflow'),
    preload: [join(gpu, 'nvidia/cublas/lib/libcublas.so.12')],
  });
});

test('a truncated library in the cache is passed over and named', async () => {
  const { find, cached } = machine();
  const library = join(await cached('cpu'), 'tensorflow', core);
  truncateSync(library, 100);
  await expect(find()).rejects.toThrow(`${library} has 100 bytes instead of 1128`);
});

test.each(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'])(
  'what %s left is the last resort',
  async (name) => {
    const { root, find } = machine();
    const folder = join(root, 'node_modules', name);
    writeFiles(folder, ['deps/lib/libtensorflow.so.2.9.1', `deps/lib/${framework}`]);
    symlinkSync('libtensorflow.so.2.9.1', join(folder, 'deps/lib/libtensorflow.so.2'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name }));
    expect(await find()).toMatchObject({
      source: 'tfjs-node',
      corePath: join(folder, 'deps/lib/libtensorflow.so.2'),
      version: '2.9.1',
    });
  },
);

test('an installation that was asked for and failed is listed with its reason', async () => {
  const { root, cacheDir } = machine();
  const options = { env: { PATH: '/nowhere' }, cacheDir, projectDir: root, platform };
  const error = await findLibrary({ ...options, install: { gpu: false } }).catch((cause) => cause);
  expect(error).toBeInstanceOf(LibraryNotFoundError);
  expect(error.message).toMatch(/- pip: installLibrary: expected Python 3, found none/);
  expect(error.cause).toMatchObject({ failure: 'python-missing' });
});

test('an unsupported machine is told so at once', async () => {
  await expect(
    findLibrary({ env: {}, platform: { os: 'freebsd', arch: 'arm64' } }),
  ).rejects.toThrow(/this machine: freebsd is not supported/);
});
