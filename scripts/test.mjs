// `npm test`: sets up, then runs every package's checks and tests. Arguments go to turbo:
// `npm test -- --filter=@bag-of-tricks/mixup`.
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './lib/command.mjs';
import { root, workspaceFolders } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';
import { formatTotals, readTasks, sumResults } from './lib/test-results.mjs';
import { setup } from './setup.mjs';

await runAsProgram(async () => {
  await setup({ library: true });
  removeOldResults();
  const lint = await runCommand('biome', ['check', '--no-errors-on-unmatched', '.']);
  await runCommand('turbo', [
    'run',
    ...['check', 'test', 'pack:check'],
    '--continue=dependencies-successful',
    // Native tests use all cores by themselves: two tasks at once, so that none of them starves.
    `--concurrency=${Math.max(2, Math.floor(availableParallelism() / 2))}`,
    '--output-logs=new-only',
    '--summarize',
    ...process.argv.slice(2),
  ]);
  const totals = sumResults(root, readTasks(join(root, '.turbo', 'runs')));
  if (lint.code !== 0) totals.failures.push('biome check');
  if (totals.passed + totals.failures.length === 0) totals.failures.push('no tests ran');
  for (const failure of totals.failures) console.error(`FAILED  ${failure}`);
  process.exitCode = totals.failures.length > 0 ? 1 : 0;
  console.log(formatTotals(totals));
});

/** Results of an earlier run must not be counted; turbo puts those of an unchanged package back. */
function removeOldResults() {
  rmSync(join(root, '.turbo', 'runs'), { recursive: true, force: true });
  for (const folder of workspaceFolders())
    rmSync(join(folder, 'test-results.json'), { force: true });
}
