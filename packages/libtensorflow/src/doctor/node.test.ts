import { expect, test } from 'vitest';
import { nodeFinding } from './node.ts';

test.each([
  ['20.19.0', 'ok'],
  ['22.0.0', 'ok'],
  ['26.10.0', 'ok'],
  ['20.18.3', 'fail'],
  ['18.20.0', 'fail'],
])('Node %s is %s', (version, status) => {
  expect(nodeFinding(version).status).toBe(status);
});

test('Bun and Deno are named', () => {
  expect(nodeFinding('26.3.0', { bun: '1.4.5' }).value).toBe('26.3.0, in Bun 1.4.5');
  expect(nodeFinding('26.3.0', { deno: '2.9.6' }).value).toBe('26.3.0, in Deno 2.9.6');
  expect(nodeFinding('26.3.0', {}).value).toBe('26.3.0');
});
