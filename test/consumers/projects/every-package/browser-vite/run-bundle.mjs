// Runs the bundle in a context with what a browser has, and with nothing of Node: no process, require or Buffer.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

const bundle = readdirSync('dist').find((name) => name.endsWith('.js'));
const browser = { console, performance, setTimeout, clearTimeout, TextEncoder, TextDecoder, atob };
const context = createContext({ ...browser, navigator: { userAgent: '' }, document: {} });
runInContext('globalThis.window = globalThis.self = globalThis;', context);
runInContext(readFileSync(`dist/${bundle}`, 'utf8'), context);
const result = await runInContext('consumer.run()', context);
assert.deepEqual(JSON.parse(JSON.stringify(result)), {
  classifier: [
    'loadClassifier: expected batchSize to be a whole number above 0, got 0.',
    'BadImageError',
  ],
  norms: 1,
  decay: 0,
  decayed: 2,
  size: 16,
  shape: [2, 2],
  finite: 1,
  groups: 2,
  bytes: result.bytes,
});
assert.ok(result.bytes >= 8);
console.log('the bundle works');
