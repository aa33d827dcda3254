import { formatProgress, installLibrary } from '@bag-of-tricks/libtensorflow';
import { printable } from '@bag-of-tricks/run-folder';
import type { Command } from 'commander';
import { createCommand } from './command.ts';
import { stopOnRequest } from './stop-requests.ts';

/** `bag-of-tricks install`: fetch TensorFlow's library now, as the first training would. */
export function installCommand(): Command {
  return createCommand('install')
    .description("fetch TensorFlow's C library by pip into your cache, as the first training would")
    .action(async () => {
      const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
      const { signal, exitCode } = stopOnRequest(print, { what: 'stopping pip' });
      try {
        const onProgress = (progress: Parameters<typeof formatProgress>[0]) =>
          print(formatProgress(progress));
        const { corePath, version } = await installLibrary({ onProgress, signal });
        print(`TensorFlow ${version ?? ''} is in ${corePath}`);
      } catch (error) {
        if (!signal.aborted) throw error;
        print('Interrupted. The cache is as it was before');
        process.exitCode = exitCode();
      }
    });
}
