import { defineConfig } from 'vitest/config';

// Shared by every package: `vitest run --root . --config ../../vitest.config.ts`.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    tags: [
      {
        name: 'slow',
        description: 'Takes more than a few seconds; skip with --tags-filter "!slow"',
        timeout: 600_000,
      },
    ],
    pool: 'forks',
    testTimeout: 30_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
  },
});
