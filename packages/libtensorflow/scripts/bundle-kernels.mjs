// Bundles tfjs-node-gpu's kernels and tfjs-core's gradients into dist/vendor, with their licence.
// A published package must not depend on tfjs-node-gpu: its install script downloads TensorFlow 2.9.1
// from outside the registry, and fails the whole install where it cannot.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const outputFolder = join(packageFolder, 'dist', 'vendor');
const core = require('@tensorflow/tfjs-core');

/** The names that a module of tfjs-core's own ES modules exports. */
function exportedNames(path) {
  const source = readFileSync(path, 'utf8');
  const declared = [
    ...source.matchAll(/^export (?:async )?(?:const|let|function\*?|class) (\w+)/gm),
  ];
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(',').map((item) => item.trim().split(' as ').at(-1)),
  );
  return [...declared.map(([, name]) => name), ...listed];
}

/** Where tfjs-core's entry point offers names: itself and two of its namespaces. */
const offers = [
  ['core', core],
  ['core.util', core.util],
  ['core.backend_util', core.backend_util],
];

// Kernels and gradients use the tfjs-core that the user has: only what that does not export is bundled, a
// few ops that belong to gradients alone.
const useInstalledCore = {
  name: 'use-installed-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\/(tfjs|tfjs-core)$/ }, () => ({
      path: '@tensorflow/tfjs-core',
      external: true,
    }));
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      if (!resolveDir.includes(join('tfjs-core', 'dist'))) return;
      const names = exportedNames(join(resolveDir, `${path}.js`));
      const offer = offers.find(([, module]) => names.every((name) => name in module));
      if (offer === undefined || names.length === 0) return;
      return { path: offer[0], namespace: 'installed-core' };
    });
    onLoad({ filter: /.*/, namespace: 'installed-core' }, ({ path }) => ({
      contents: `const core = require('@tensorflow/tfjs-core'); module.exports = ${path};`,
      resolveDir: packageFolder,
    }));
  },
};

// Only TensorBoard's histograms need these messages, which no kernel calls.
const leaveOutMessages = {
  name: 'leave-out-messages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/proto\/api_pb$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const { metafile } = await build({
  entryPoints: [join(packageFolder, 'scripts', 'vendor', 'kernels.cjs')],
  outfile: join(outputFolder, 'kernels.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  alias: { util: join(packageFolder, 'scripts', 'vendor', 'util.cjs') },
  plugins: [useInstalledCore, leaveOutMessages],
  metafile: true,
  logLevel: 'warning',
});

const foreign = Object.keys(metafile.inputs).filter(
  (path) => !/tfjs-core|tfjs-node-gpu|scripts\/vendor|^left-out:|^installed-core:/.test(path),
);
if (foreign.length > 0) {
  throw new Error(`bundle-kernels: the notice does not name these: ${foreign.join(', ')}`);
}
mkdirSync(outputFolder, { recursive: true });
copyFileSync(join(packageFolder, 'LICENSE'), join(outputFolder, 'LICENSE'));
const version = (name) => require(`${name}/package.json`).version;
writeFileSync(
  join(outputFolder, 'NOTICE'),
  `kernels.cjs is a bundle of parts of TensorFlow.js, unchanged but for bundling:
- @tensorflow/tfjs-node-gpu ${version('@tensorflow/tfjs-node-gpu')}: the backend class and the kernels
- @tensorflow/tfjs-core ${version('@tensorflow/tfjs-core')}: the gradients

TensorFlow.js is Copyright Google LLC, licensed under the Apache License, Version 2.0 (see LICENSE).
Its source: the repository tensorflow/tfjs.
`,
);
