import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const vendor = join(import.meta.dirname, '../../dist/vendor');
const read = (name: string) => readFileSync(join(vendor, name), 'utf8');

test('the bundle needs nothing but tfjs-core and what Node brings', () => {
  const required = [...read('kernels.cjs').matchAll(/require\("([^"]+)"\)/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(required)].sort()).toEqual(['@tensorflow/tfjs-core', 'os']);
});

test('the licence and a notice of its origin lie beside it', () => {
  expect(read('LICENSE')).toContain('Apache License');
  expect(read('NOTICE')).toMatch(/tfjs-node-gpu 4\.22\.0.*Copyright Google LLC/s);
});
