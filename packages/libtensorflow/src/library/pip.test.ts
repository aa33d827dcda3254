import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakePython } from '../../test/support/programs.ts';
import { makeTinyWheel } from '../../test/support/wheel.ts';
import { pipInstall, receivedBytes } from './pip.ts';

test('what pip has received is the size of its unfinished downloads', async () => {
  const scratch = temporaryFolder();
  expect(await receivedBytes(join(scratch, 'not-yet'))).toBe(0);
  for (const [folder, bytes] of [
    ['pip-unpack-a', 300],
    ['pip-unpack-b', 200],
    ['pip-target-c', 9000],
  ] as const) {
    mkdirSync(join(scratch, folder));
    writeFileSync(join(scratch, folder, 'file.whl'), Buffer.alloc(bytes));
  }
  expect(await receivedBytes(scratch)).toBe(500);
});

test('the phases are read from what pip prints', async () => {
  const folder = temporaryFolder();
  const bin = join(folder, 'fake');
  const lines = [
    'Collecting x',
    '  Downloading x.whl (274 MB)',
    'Installing collected packages: x',
  ];
  const command = fakePython(bin, `console.log(${JSON.stringify(lines.join('\n'))});`);
  const phases: string[] = [];
  await pipInstall({
    python: { command, pipVersion: '23.2.1', pythonVersion: '3.11' },
    target: 'linux-x64',
    requirements: makeTinyWheel(folder).requirements,
    site: join(folder, 'site'),
    scratch: join(folder, 'scratch'),
    env: process.env,
    onPhase: (phase) => phases.push(phase),
  });
  expect(phases).toEqual(['download', 'unpack']);
});
