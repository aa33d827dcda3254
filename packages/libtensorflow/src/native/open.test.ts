import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { findLibrary } from '../library/find.ts';
import { openTensorFlow } from './open.ts';

test('a file that is no library is an error with the reason of the loader and what to do', () => {
  const path = join(temporaryFolder(), 'libtensorflow_cc.so.2');
  writeFileSync(path, 'not a library');
  expect(() => openTensorFlow({ corePath: path, frameworkPath: path, preload: [] })).toThrow(
    /does not load: .*(too short|invalid ELF header).*install it again/,
  );
});

test('a CUDA library that is missing is an error that names it', async () => {
  const preload = ['/nowhere/libcudart.so.12'];
  expect(() => openTensorFlow({ corePath: 'a', frameworkPath: 'b', preload })).toThrow(preload[0]);
});

test('the same file opens once, and another one not beside it', async () => {
  const files = await findLibrary();
  const library = openTensorFlow(files);
  expect(library.version).toMatch(/^2\.\d+\.\d+/);
  expect(openTensorFlow(files)).toBe(library);
  expect(() => openTensorFlow({ ...files, corePath: '/elsewhere.so' })).toThrow(
    /expected one TensorFlow a process, got \/elsewhere\.so after/,
  );
});

test('TensorFlow is told to use oneDNN and to log warnings only, unless the user says otherwise', async () => {
  const { corePath } = await findLibrary();
  const script = `
    import koffi from 'koffi';
    import { findLibrary } from '@bag-of-tricks/libtensorflow';
    import { openTensorFlow } from '@bag-of-tricks/libtensorflow/native';
    openTensorFlow(await findLibrary());
    const getenv = koffi.load(null).func('const char *getenv(const char *)');
    console.log(getenv('TF_ENABLE_ONEDNN_OPTS'), getenv('TF_CPP_MIN_LOG_LEVEL'));
  `;
  const run = (env: NodeJS.ProcessEnv) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(import.meta.dirname, '../..'),
      env: { PATH: process.env.PATH, LIBTENSORFLOW_PATH: corePath, ...env },
      encoding: 'utf8',
    }).trim();
  expect(run({})).toBe('1 1');
  expect(run({ TF_ENABLE_ONEDNN_OPTS: '0', TF_CPP_MIN_LOG_LEVEL: '3' })).toBe('0 3');
});
