import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vite';

// Served as they are, and copied by a build: the backend's WebAssembly, and the export that `EXPORT` names.
const publicDir = join(import.meta.dirname, '.served');
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));

rmSync(publicDir, { recursive: true, force: true });
mkdirSync(join(publicDir, 'wasm'), { recursive: true });
for (const name of readdirSync(wasm)) {
  if (name.endsWith('.wasm')) cpSync(join(wasm, name), join(publicDir, 'wasm', name));
}
if (process.env.EXPORT) {
  cpSync(process.env.EXPORT, join(publicDir, 'exported'), { recursive: true });
}

export default defineConfig({
  root: import.meta.dirname,
  // Works below any address, such as that of a project's page.
  base: './',
  publicDir,
  build: { target: 'es2022' },
});
