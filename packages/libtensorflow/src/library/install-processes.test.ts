import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outcome, spawnInstaller } from '../../test/support/child.ts';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakePython } from '../../test/support/programs.ts';
import { makeTinyWheel } from '../../test/support/wheel.ts';
import { installPlan } from './install.ts';
import { removeStaleStaging } from './staging.ts';

const finished = 'libtensorflow-2.21.0-linux-x64-cpu';

test('two processes may install at once, and both get the library', async () => {
  const folder = temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const { requirements, fakePip } = makeTinyWheel(folder);
  const env = { ...process.env, ...fakePip };
  const children = [1, 2].map(() => spawnInstaller(folder, requirements, cacheDir, env));
  const sources = [];
  for (const { code, stdout } of await Promise.all(children.map(outcome))) {
    sources.push(stdout);
    expect(code).toBe(0);
  }
  // On a busy machine the second may begin when the first has ended.
  expect(sources).toContain('installed\n');
  for (const source of sources) expect(source).toMatch(/^(installed|cache)\n$/);
  expect(readdirSync(cacheDir)).toEqual([finished]);
});

test('what a killed installation left is removed by the next one, which works', async () => {
  const folder = temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const bin = join(folder, 'hanging');
  const { requirements, fakePip } = makeTinyWheel(folder);
  // Says when it is at work, and then hangs for longer than the test needs.
  fakePython(
    bin,
    "require('fs').writeFileSync(target + '-started', ''); setTimeout(() => {}, 5000);",
  );
  const child = spawnInstaller(folder, requirements, cacheDir, { PATH: bin });
  const staging = () => readdirSync(cacheDir, { recursive: true }).map(String);
  await expect
    .poll(() => staging().some((name) => name.endsWith('site-started')), { timeout: 10_000 })
    .toBe(true);
  child.kill('SIGKILL');
  await outcome(child);
  expect(readdirSync(cacheDir)).toEqual([expect.stringMatching(/^\.installing-/)]);

  const env = { ...process.env, ...fakePip };
  const plan = { target: 'linux-x64', flavour: 'cpu', requirements } as const;
  expect((await installPlan(plan, { cacheDir, env })).source).toBe('installed');
  expect(readdirSync(cacheDir)).toEqual([finished]);
});

test('only folders whose owner has ended, or of another machine a day ago, are stale', async () => {
  const cacheDir = temporaryFolder();
  const here = hostname();
  const reused = `.installing-${process.pid}-1-${here}-aaaaaa`;
  const foreignNew = '.installing-1-2-elsewhere-bbbbbb';
  const foreignOld = '.installing-1-2-elsewhere-cccccc';
  // Other systems than Linux do not tell when a process started.
  const untold = `.installing-${process.pid}-ended-${here}-dddddd`;
  const folders = [reused, foreignNew, foreignOld, untold, finished];
  for (const name of folders) mkdirSync(join(cacheDir, name));
  writeFileSync(join(cacheDir, reused, 'part'), '');
  const longAgo = Date.now() / 1000 - 25 * 3600;
  utimesSync(join(cacheDir, foreignOld), longAgo, longAgo);
  await removeStaleStaging(cacheDir);
  expect(readdirSync(cacheDir).sort()).toEqual([foreignNew, untold, finished].sort());
});
