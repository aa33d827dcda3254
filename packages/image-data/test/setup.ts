import { vi } from 'vitest';

// The threads run the source too, not what was built last. Node knows no TypeScript, so they start with a loader that does.
vi.mock(import('node:worker_threads'), async (original) => {
  const threads = await original();
  const loader = new URL('./support/typescript-loader.mjs', import.meta.url).href;
  class SourceWorker extends threads.Worker {
    constructor(script: URL, options: ConstructorParameters<typeof threads.Worker>[1]) {
      const source = new URL(script.href.replace(/\.js$/, '.ts'));
      super(source, { ...options, execArgv: ['--import', loader] });
    }
  }
  return { ...threads, Worker: SourceWorker as typeof threads.Worker };
});
