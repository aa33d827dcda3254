import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Shared by every package: `vitest run --root . --config ../../vitest.config.ts`.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: [
      join(import.meta.dirname, 'scripts/lib/temporary-folder.mjs'),
      ...['test/global-setup.ts'].filter((file) => existsSync(file)),
    ],
    setupFiles: ['test/setup.ts'].filter((file) => existsSync(file)),
    tags: [
      {
        name: 'slow',
        description: 'Takes more than a few seconds; skip with --tags-filter "!slow"',
        timeout: 1_800_000,
      },
    ],
    pool: 'forks',
    // By far the most tests: two of its files run side by side, so that it does not end alone on one core, and the files of a process
    // share what they import, which is seconds for each.
    ...(basename(process.cwd()) === 'trainer' && { maxWorkers: 2, isolate: false }),
    // What commands print is compared; in CI they would print colours into pipes too.
    env: { NO_COLOR: '1' },
    // Only what hangs may end here: a test that passes on a machine of ten times the load passes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
  },
});
