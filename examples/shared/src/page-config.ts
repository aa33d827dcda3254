import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin, UserConfig } from 'vite';

/**
 * The wasm backend sends the text of a function to its threads. What the function takes from outside of itself is not there, nor is it asked
 * for, until a minifier renames `_scriptDir` and leaves the question out.
 */
const threads: Plugin = {
  name: 'wasm-threads',
  transform(code, id) {
    if (!id.includes('tfjs-backend-wasm-threaded-simd.js')) return undefined;
    return code.replace('typeof _scriptDir !== "undefined" && _scriptDir', 'self._scriptDir');
  },
};

/** Pages with these headers have threads: they may share memory. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Vite's settings of a page that runs the export which `EXPORT` names. */
export function pageConfig(root: string): UserConfig {
  const exported = process.env.EXPORT;
  if (!exported) {
    console.warn('EXPORT is not set: the page finds a network only by ?model=<address>.');
  } else if (!existsSync(join(exported, 'classifier.json'))) {
    const message = `EXPORT: expected the folder of an export, with classifier.json, got ${exported}.`;
    // Vite prints the stack, which says nothing more.
    throw Object.assign(new Error(message), { stack: message });
  }
  // Served as they are, and copied by a build: the backend's WebAssembly, and the export.
  const publicDir = join(root, '.served');
  const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  rmSync(publicDir, { recursive: true, force: true });
  mkdirSync(join(publicDir, 'wasm'), { recursive: true });
  for (const name of readdirSync(wasm)) {
    if (name.endsWith('.wasm')) cpSync(join(wasm, name), join(publicDir, 'wasm', name));
  }
  if (exported) cpSync(exported, join(publicDir, 'exported'), { recursive: true });
  return {
    root,
    publicDir,
    // Works below any address, such as that of a project's page.
    base: './',
    plugins: [threads],
    server: { headers },
    preview: { headers },
    build: { target: 'es2022' },
  };
}
