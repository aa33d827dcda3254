import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject, vi } from 'vitest';

// The threads run the source too, not what was built last.
vi.mock(import('node:worker_threads'), async (original) => {
  const threads = await original();
  const source = join(import.meta.dirname, '../src');
  class SourceWorker extends threads.Worker {
    constructor(script: URL, options: ConstructorParameters<typeof threads.Worker>[1]) {
      super(join(inject('transpiled'), relative(source, fileURLToPath(script))), options);
    }
  }
  return { ...threads, Worker: SourceWorker as typeof threads.Worker };
});
