import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeElf } from '../../test/support/elf.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakeProgram } from '../../test/support/programs.ts';
import { installLibrary } from '../library/install.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { formatDiagnosis, withoutTraces } from './format.ts';

// The other process runs what is built, as it will for users.
const script = fileURLToPath(new URL('../../dist/doctor/probe-child.js', import.meta.url));

function finding({ findings }: Diagnosis, name: string) {
  return findings.find((candidate) => candidate.name === name);
}

test('on an empty machine training cannot run, and the text says what to do', async () => {
  const root = temporaryFolder();
  const diagnosis = await diagnose({
    env: { PATH: root },
    cacheDir: join(root, 'cache'),
    projectDir: root,
  });
  expect(diagnosis.canTrain).toBe(false);
  expect(finding(diagnosis, 'Library')).toMatchObject({ status: 'fail', value: 'not found' });
  expect(finding(diagnosis, 'Python')).toMatchObject({
    status: 'warn',
    value: expect.stringContaining('expected Python 3, found none'),
  });
  const text = formatDiagnosis(diagnosis);
  expect(text).toMatch(
    /^fail {2}Library +not found\n +-> Install it by `npx @bag-of-tricks\/trainer install`.*installLibrary/m,
  );
  expect(text).toContain(
    `the cache ${root}/cache/libtensorflow-2.21.0-linux-x64-cpu: not installed`,
  );
  expect(text).toMatch(/Training cannot run: mend what is marked "fail"\.$/);
});

test('where the caller fetches a missing library that is said, unless pip cannot', async () => {
  const root = temporaryFolder();
  const installs = 'The first training fetches it.';
  const options = { cacheDir: join(root, 'cache'), projectDir: root, installs };
  const env = { ...process.env, LIBTENSORFLOW_PATH: '' };
  const diagnosis = await diagnose({ ...options, env });
  expect(finding(diagnosis, 'Library')).toEqual({
    ...{ name: 'Library', status: 'warn', remedy: installs },
    value: expect.stringMatching(/^not there yet, 2\d\d MB to fetch$/),
  });
  expect(diagnosis.canTrain).toBe(true);
  expect(formatDiagnosis(diagnosis)).toContain(`-> ${installs}`);
  const withoutPip = await diagnose({ ...options, env: { PATH: root } });
  expect(finding(withoutPip, 'Library')?.status).toBe('fail');
  const elsewhere = { ...env, LIBTENSORFLOW_PATH: join(root, 'nowhere') };
  const named = await diagnose({ ...options, env: elsewhere });
  expect(named.canTrain).toBe(false);
  expect(finding(named, 'Library')).toMatchObject({
    value: `none in LIBTENSORFLOW_PATH=${join(root, 'nowhere')}`,
    remedy: expect.stringMatching(/or unset it/),
  });
});

test('on Windows a Python without a wheel fetches no library', async () => {
  const root = temporaryFolder();
  fakeProgram(root, 'python', "console.log('pip 25.0 from /nowhere (python 3.14)');");
  const diagnosis = await diagnose({
    ...{ env: { PATH: root }, cacheDir: join(root, 'cache'), projectDir: root },
    ...{ installs: 'The first training fetches it.', platform: { os: 'win32', arch: 'x64' } },
  });
  expect(finding(diagnosis, 'Python')).toMatchObject({
    status: 'warn',
    value: expect.stringMatching(/expected Python 3\.10.* got python 3\.14/),
  });
  expect(finding(diagnosis, 'Library')?.status).toBe('fail');
  expect(diagnosis.canTrain).toBe(false);
});

test('a library that does not load is a failure with its reason, not an end of the doctor', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'own'));
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    writeFileSync(join(root, 'own', name), fakeElf());
  }
  const env = { ...process.env, LIBTENSORFLOW_PATH: join(root, 'own') };
  const diagnosis = await diagnose({ env, cacheDir: root, projectDir: root, probe: { script } });
  expect(diagnosis.canTrain).toBe(false);
  expect(finding(diagnosis, 'Library')?.status).toBe('ok');
  expect(finding(diagnosis, 'Loading')).toMatchObject({
    status: 'fail',
    value: expect.stringMatching(
      /loading it failed \(exit code 1\): Error: openTensorFlow: .*does not load/,
    ),
    remedy: expect.stringContaining('LIBTENSORFLOW_PATH'),
  });
});

test('an old Node and an unsupported system each stop the training', async () => {
  const root = temporaryFolder();
  const options = { env: { PATH: root }, cacheDir: root, projectDir: root };
  const old = await diagnose({ ...options, nodeVersion: '18.20.0' });
  expect(finding(old, 'Node')).toMatchObject({ status: 'fail', value: '18.20.0' });
  const mac = await diagnose({ ...options, platform: { os: 'darwin', arch: 'x64' } });
  expect(finding(mac, 'Platform')).toMatchObject({
    status: 'fail',
    value: 'darwin x64',
    remedy: expect.stringContaining('2.16.2'),
  });
});

test.each([
  [{ os: 'darwin', arch: 'arm64', release: '24.1.0' }, 'darwin arm64, 24.1.0', /on macOS: .*read/],
  [{ os: 'win32', arch: 'x64', release: '10.0.22631' }, 'win32 x64, 10.0.22631', /under Wine/],
  [{ os: 'linux', arch: 'arm64', glibc: '2.36' }, 'linux arm64, glibc 2.36', /QEMU/],
])(
  'on %o the report says what is known of it, and asks for itself',
  async (platform, value, known) => {
    const root = temporaryFolder();
    const diagnosis = await diagnose({ env: {}, cacheDir: root, projectDir: root, platform });
    const { remedy, ...said } = finding(diagnosis, 'Platform')!;
    expect(said).toEqual({ name: 'Platform', status: 'warn', value });
    expect(remedy).toMatch(known);
    expect(remedy).toMatch(/never run on .*paste this report into an issue/);
    if (platform.os !== 'linux') expect(finding(diagnosis, 'CPU features')).toBeUndefined();
  },
);

test('the text has no addresses of the memory and not the name of the home folder', () => {
  const value = 'cannot load /home/eve/x.so: fault at 0x7f12ab34cd at 0x1';
  const findings = [{ name: 'Loading', status: 'fail', value } as const];
  const text = formatDiagnosis({ canTrain: false, findings, tried: [] }, '/home/eve');
  expect(text).toContain('cannot load ~/x.so: fault at 0x... at 0x1');
  const windows = 'C:\\Users\\eve\\x.dll of file:///C:/Users/eve/x.mjs';
  expect(withoutTraces(windows, 'C:\\Users\\eve')).toBe('~\\x.dll of file:///~/x.mjs');
  for (const home of ['/', '']) expect(withoutTraces('/job:a at /x', home)).toBe('/job:a at /x');
});

test('with the library installed training can run, and every byte is as installed', {
  tags: ['slow'],
}, async () => {
  await installLibrary({ gpu: false });
  const diagnosis = await diagnose({ deep: true, probe: { script } });
  expect(diagnosis.findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(diagnosis.canTrain).toBe(true);
  expect(finding(diagnosis, 'TensorFlow')?.value).toBe('2.21.0');
  expect(finding(diagnosis, 'Devices')?.value).toContain('CPU');
  expect(finding(diagnosis, 'Test step')?.status).toBe('ok');
  expect(finding(diagnosis, 'Library files')?.status).toBe('ok');
  expect(formatDiagnosis(diagnosis)).toMatch(/Training can run\.$/);
});
