import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Environment, nodeVersion, typedCommand, writeEnvironment } from './environment.ts';

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

test('Bun and Deno are named beside the Node whose functions they have', () => {
  const versions = { node: '26.3.0' } as NodeJS.ProcessVersions;
  expect(nodeVersion(versions)).toBe('v26.3.0');
  expect(nodeVersion({ ...versions, bun: '1.4.5' })).toBe('v26.3.0 (Bun 1.4.5)');
  expect(nodeVersion({ ...versions, deno: '2.9.6' })).toBe('v26.3.0 (Deno 2.9.6)');
});
