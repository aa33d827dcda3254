import { defineConfig } from 'vite';

// One classic script, so that run-bundle.mjs can run it in a context that has no Node in it.
export default defineConfig({
  build: { lib: { entry: 'main.js', formats: ['iife'], name: 'consumer', fileName: 'bundle' } },
});
