import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakeProgram } from '../../test/support/programs.ts';
import { makeTinyWheel } from '../../test/support/wheel.ts';

const dist = new URL('../../dist/library/', import.meta.url);
const loot = (folder: string) => join(folder, 'this-ran');

/** A folder whose files leave a trace when they are run. */
function hostileFolder(): string {
  const folder = temporaryFolder();
  const trace = `open(${JSON.stringify(loot(folder))}, 'a').write(__file__)\n`;
  for (const name of ['pip', 'sitecustomize', 'json', 'logging', 'encodings']) {
    writeFileSync(join(folder, `${name}.py`), trace);
  }
  for (const name of ['python3', 'nvidia-smi']) {
    fakeProgram(
      folder,
      name,
      `require('fs').writeFileSync(${JSON.stringify(loot(folder))}, '${name}');`,
    );
  }
  return folder;
}

test.each([
  ['the working directory', (_: string) => ({})],
  ['PYTHONPATH', (PYTHONPATH: string) => ({ PYTHONPATH })],
  ['a relative PYTHONPATH', (_: string) => ({ PYTHONPATH: '.' })],
  [
    'PYTHONHOME and PYTHONSTARTUP',
    (at: string) => ({ PYTHONHOME: at, PYTHONSTARTUP: join(at, 'pip.py') }),
  ],
  ['a relative PATH', (_: string) => ({ PATH: `.:${process.env.PATH}` })],
])('no code of %s runs when Python, cards and the library are looked for', async (_, settings) => {
  const cwd = hostileFolder();
  const folder = temporaryFolder();
  const { requirements, pipSettings } = makeTinyWheel(folder);
  const plan = { target: 'linux-x64', flavour: 'cpu', requirements };
  const script = `
    const { installPlan } = await import(${JSON.stringify(new URL('install.js', dist))});
    const { nvidiaGpus } = await import(${JSON.stringify(new URL('gpu.js', dist))});
    await nvidiaGpus(process.env);
    const { source } = await installPlan(${JSON.stringify(plan)}, { cacheDir: ${JSON.stringify(join(folder, 'cache'))} });
    console.log(source);
  `;
  const env = { ...process.env, ...pipSettings, ...settings(cwd) };
  const before = readdirSync(cwd);
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd, env });
  expect(String(said)).toBe('installed\n');
  expect(existsSync(loot(cwd))).toBe(false);
  expect(readdirSync(cwd)).toEqual(before);
});

test('a Python that is named by a relative path is the one that is meant', async () => {
  const cwd = temporaryFolder();
  fakeProgram(cwd, 'own-python', "console.log('pip 23.0 from /nowhere (python 3.11)');");
  const script = `
    const { findPython } = await import(${JSON.stringify(new URL('python.js', dist))});
    console.log((await findPython(process.env, './own-python')).command);
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd });
  expect(String(said)).toBe(`${join(cwd, 'own-python')}\n`);
});
