import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { imageDataDecoder, sharpDecoder } from './decode.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const digests = JSON.parse(readFileSync(new URL('pictures.json', fixtures), 'utf8')) as object;
const bytesOf = (name: string) => readFileSync(new URL(`pictures/${name}`, fixtures));

test.each([
  ['image-data', imageDataDecoder],
  ['sharp', sharpDecoder],
])('%s decodes what Pillow decodes, bit for bit, and turns nothing', async (_, open) => {
  const decode = await open();
  const got = Object.keys(digests).map(async (name) => {
    const { data, width, height } = await decode(bytesOf(name), name);
    expect(data.length).toBe(width * height * 3);
    return [name, createHash('sha256').update(data).digest('hex').slice(0, 16)];
  });
  expect(Object.fromEntries(await Promise.all(got))).toEqual(digests);
});

test('where neither is installed, the error says what to install', async () => {
  const outfile = join(mkdtempSync(join(tmpdir(), 'nothing installed-')), 'decode.mjs');
  const entry = join(import.meta.dirname, 'decode.ts');
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' },
    logLevel: 'error',
  });
  const script = `const { findDecoder } = await import(${JSON.stringify(outfile)}); await findDecoder();`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
  expect(String(stderr)).toMatch(
    /classify: expected a decoder .* got none \(.*image-data.*; .*sharp.*\)\. Run npm install @bag-of-tricks\/image-data, or sharp, or pass \{ decode \}\n/,
  );
});
