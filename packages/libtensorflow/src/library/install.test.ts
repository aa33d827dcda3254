import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { makeTinyWheel, type TinyWheel } from '../../test/support/wheel.ts';
import { inspectInstallation } from './folder.ts';
import { installLibrary, installPlan } from './install.ts';
import { readLibraryHeader } from './library-header.ts';
import { currentPlatform } from './platform.ts';
import type { InstallProgress } from './progress.ts';

function install(
  { requirements }: TinyWheel,
  cacheDir: string,
  settings: Readonly<Record<string, string>>,
  onProgress?: (progress: InstallProgress) => void,
) {
  return installPlan(
    { target: 'linux-x64', flavour: 'cpu', requirements },
    { cacheDir, env: { ...process.env, ...settings }, ...(onProgress && { onProgress }) },
  );
}

test('pip installs the libraries and notices, and nothing else is kept', async () => {
  const folder = temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const wheel = makeTinyWheel(folder);
  const location = await install(wheel, cacheDir, wheel.pipSettings);

  const installation = join(cacheDir, 'libtensorflow-2.21.0-linux-x64-cpu');
  expect(location).toEqual({
    source: 'installed',
    directory: join(installation, 'tensorflow'),
    corePath: join(installation, 'tensorflow', 'libtensorflow_cc.so.2'),
    frameworkPath: join(installation, 'tensorflow', 'libtensorflow_framework.so.2'),
    preload: [],
    version: '2.21.0',
    tried: [],
  });
  expect(readdirSync(cacheDir)).toEqual(['libtensorflow-2.21.0-linux-x64-cpu']);
  expect(readdirSync(installation, { recursive: true }).sort()).toEqual([
    'manifest.json',
    'tensorflow',
    'tensorflow/THIRD_PARTY_NOTICES.txt',
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow_cpu-2.21.0.dist-info',
    'tensorflow_cpu-2.21.0.dist-info/METADATA',
    'verified.json',
  ]);
});

test('what is installed and whole is taken as it is, without Python', async () => {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  await install(wheel, folder, wheel.fakePip);
  expect((await install(wheel, folder, { PATH: '/nowhere' })).source).toBe('cache');
});

test.each([
  ['a truncated library', (file: string) => truncateSync(file, 500)],
  ['a lost manifest', (file: string) => truncateSync(join(file, '../../manifest.json'), 0)],
])('%s in the cache is replaced', async (_, damage) => {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  const { corePath } = await install(wheel, folder, wheel.fakePip);
  const whole = readFileSync(corePath);
  damage(corePath);

  const again = await install(wheel, folder, wheel.fakePip);
  expect(again.source).toBe('installed');
  expect(readFileSync(corePath)).toEqual(whole);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a changed byte is found at the next look, and a changed file read once only', async () => {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  const { corePath } = await install(wheel, folder, wheel.fakePip);
  const installation = join(folder, 'libtensorflow-2.21.0-linux-x64-cpu');
  const look = () => inspectInstallation(installation, { os: 'linux', arch: 'x64' });
  const record = join(installation, 'verified.json');
  const states = () => JSON.parse(readFileSync(record, 'utf8'));
  const before = states();
  utimesSync(corePath, 1, 1);
  expect(await look()).toHaveProperty('corePath');
  expect(states()).not.toEqual(before);
  // A record that is damaged, or that cannot be written, only costs the reading.
  writeFileSync(record, '{');
  expect(await look()).toHaveProperty('corePath');
  rmSync(record);
  mkdirSync(record);
  expect(await look()).toHaveProperty('corePath');

  const content = readFileSync(corePath);
  content[500]! ^= 1;
  writeFileSync(corePath, content);
  expect(await look()).toEqual({ defect: `${corePath} is damaged (wrong sha256)` });
});

test('only a deep look reads what was compared before', async () => {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  const { corePath } = await install(wheel, folder, wheel.fakePip);
  const installation = join(folder, 'libtensorflow-2.21.0-linux-x64-cpu');
  const record = join(installation, 'verified.json');
  const content = readFileSync(corePath);
  content[500]! ^= 1;
  writeFileSync(corePath, content);
  // As if the disk had changed it, which leaves no time behind.
  const { size, ino, mtimeNs, ctimeNs } = statSync(corePath, { bigint: true });
  const states = JSON.parse(readFileSync(record, 'utf8'));
  const path = 'tensorflow/libtensorflow_cc.so.2';
  states[path] = `${states[path].split(' ')[0]} ${size} ${ino} ${mtimeNs} ${ctimeNs}`;
  writeFileSync(record, JSON.stringify(states));
  expect(await inspectInstallation(installation, { os: 'linux', arch: 'x64' })).toHaveProperty(
    'corePath',
  );
  expect(
    await inspectInstallation(installation, { os: 'linux', arch: 'x64' }, { deep: true }),
  ).toEqual({
    defect: `${corePath} is damaged (wrong sha256)`,
  });
});

test('settings that forbid pip to install elsewhere do not matter', async () => {
  const folder = temporaryFolder();
  const wheel = makeTinyWheel(folder);
  const settings = { ...wheel.pipSettings, PIP_USER: '1', PIP_REQUIRE_VIRTUALENV: '1' };
  expect((await install(wheel, folder, settings)).source).toBe('installed');
});

test('each step is reported in its order, with the time that has passed', async () => {
  const order = ['prepare', 'unpack', 'verify', 'done'];
  const folder = temporaryFolder();
  const reports: InstallProgress[] = [];
  const wheel = makeTinyWheel(folder);
  await install(wheel, folder, wheel.pipSettings, (progress) => reports.push(progress));
  // A long step is reported again every few seconds: on a busy machine any of them may be long.
  const phases = reports.map(({ phase }) => phase);
  expect([...new Set(phases)]).toEqual(order);
  expect(phases).toEqual([...phases].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
  const seconds = reports.map(({ elapsedSeconds }) => elapsedSeconds);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
});

test('an unknown value of gpu is refused', async () => {
  await expect(installLibrary({ gpu: 'yes' as never, cacheDir: '/nowhere' })).rejects.toThrow(
    "installLibrary: expected gpu to be 'auto', true or false, got yes",
  );
});

test('the pinned wheel gives a whole library for this machine', { tags: ['slow'] }, async () => {
  const location = await installLibrary({ gpu: false });
  const header = await readLibraryHeader(location.corePath);
  expect(header.machine).toBe(process.arch);
  expect(header.fileBytes).toBeGreaterThan(500e6);
  const installation = join(location.directory, '..');
  expect(await inspectInstallation(installation, currentPlatform(), { deep: true })).toMatchObject({
    version: '2.21.0',
  });
});

test('a folder that cannot be made is explained', async () => {
  const folder = temporaryFolder();
  const cacheDir = join(folder, 'file', 'cache');
  writeFileSync(join(folder, 'file'), '');
  await expect(install(makeTinyWheel(folder), cacheDir, {})).rejects.toMatchObject({
    failure: 'cache-not-writable',
    message: expect.stringContaining('Set XDG_CACHE_HOME'),
  });
  expect(existsSync(cacheDir)).toBe(false);
});
