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
