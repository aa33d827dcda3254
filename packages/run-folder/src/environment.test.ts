import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Environment, typedCommand, writeEnvironment } from './environment.ts';

test('the command is what was typed, without the folders of this machine', () => {
  expect(typedCommand(['/usr/bin/node', '/home/me/train-mine.js', '--epochs', '3'])).toBe(
    'train-mine.js --epochs 3',
  );
  expect(typedCommand(['/usr/bin/node'])).toBe('');
});

test('each attempt of a run keeps its machine: the first is env-1.json, the newest env.json', async () => {
  const run = mkdtempSync(join(tmpdir(), 'environment-'));
  const cpus = ['first', 'second', 'third'];
  for (const cpu of cpus) await writeEnvironment(run, { cpu } as Environment);
  const names = ['env-1.json', 'env-2.json', 'env.json'];
  expect(readdirSync(run).sort()).toEqual(names);
  expect(names.map((name) => JSON.parse(readFileSync(join(run, name), 'utf8')).cpu)).toEqual(cpus);
});
