// Bundles the tests that tfjs-core publishes into dist/tests.cjs.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const core = dirname(require.resolve('@tensorflow/tfjs-core'));

// What is required becomes a module that runs when it is asked for: the tests want a test environment first.
const entry = `
  import * as core from './index.js';
  import './public/chained_ops/register_all_chained_ops.js';
  import './register_all_gradients.js';
  import { setTestEnvs } from './jasmine_util.js';
  export { core, setTestEnvs };
  export const declareTests = () => { require('./tests.js'); };
`;

await build({
  stdin: { contents: entry, resolveDir: core },
  outfile: join(import.meta.dirname, 'tests.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // tfjs-core says that its modules have no side effects; its tests are nothing but.
  ignoreAnnotations: true,
  alias: { 'jasmine-core': dirname(dirname(require.resolve('jasmine-core'))) },
  logLevel: 'warning',
});
