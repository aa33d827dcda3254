import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('a browser gets less than 15 KB of code of ours, and nothing of Node', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'index.ts')],
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022' },
    ...{ external: ['@tensorflow/*'], write: false, metafile: true, logLevel: 'silent' },
  });
  const code = outputFiles[0]!;
  const size = gzipSync(code.contents).length;
  expect(size).toBeGreaterThan(3000);
  expect(size).toBeLessThan(15_000);
  for (const file of ['../README.md', '../../../README.md']) {
    const readme = readFileSync(join(import.meta.dirname, file), 'utf8');
    const [, stated] = /(?:has|alike:) (\d+) KB/.exec(readme)!;
    expect(Math.abs(Number(stated) - size / 1000), `${file}: ${size} bytes`).toBeLessThan(0.7);
  }
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((path) => !/^(src|\.\.\/image-resize\/dist)\//.test(path))).toEqual([]);
  const [output] = Object.values(metafile.outputs);
  const imports = new Set(output!.imports.map(({ path }) => path));
  expect([...imports].sort()).toEqual(['@tensorflow/tfjs-converter', '@tensorflow/tfjs-core']);
});
