import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';

/** The ignore list of tfjs-node's own run of these tests: parts of names. */
export function readTfjsNodeIgnored(): string[] {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const source = readFileSync(join(folder, 'dist', 'run_tests.js'), 'utf8');
  const list = /var IGNORE_LIST = (\[.*?^\]);/ms.exec(source)?.[1];
  if (list === undefined) {
    throw new Error(
      "expected tfjs-node-gpu's run_tests.js to hold IGNORE_LIST. Is it another version?",
    );
  }
  const names = runInNewContext(list) as string[];
  return names.map((name) => name.replaceAll(' test-tensorflow {}', ''));
}
