// The command line as a whole; main.ts imports it once signals are heard.

import { inspect } from 'node:util';
import { endProcess } from '@bag-of-tricks/libtensorflow/native';
import { printableLines } from '@bag-of-tricks/run-folder';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { exitCodes } from '../errors.ts';
import { version } from '../version.ts';
import { createCommand } from './command.ts';
import { describeError, exitCodeOf } from './describe-error.ts';
import { doctorCommand } from './doctor-command.ts';
import { evalCommand } from './eval-command.ts';
import { exportCommand } from './export-command.ts';
import { installCommand } from './install-command.ts';
import { launchCommand } from './launch-command.ts';
import { loadPlugins } from './plugins.ts';
import { predictCommand } from './predict-command.ts';
import { prepareCommand } from './prepare-command.ts';
import { replayCommand } from './replay-command.ts';
import { reportCommand } from './report-command.ts';
import { watchOutput } from './stop-requests.ts';
import { trainCommand } from './train-command.ts';

async function main(): Promise<void> {
  const plugins = await loadPlugins(process.argv);
  await createCommand('bag-of-tricks')
    // launch passes on what stands after train.
    .enablePositionalOptions()
    .description('The training recipe of He et al. (CVPR 2019) for TensorFlow.js')
    .version(version)
    .addCommand(trainCommand(plugins))
    .addCommand(launchCommand(plugins))
    .addCommand(evalCommand(plugins.tricks))
    .addCommand(predictCommand(plugins.tricks))
    .addCommand(exportCommand(plugins.tricks))
    .addCommand(replayCommand(plugins.tricks))
    .addCommand(prepareCommand())
    .addCommand(reportCommand())
    .addCommand(installCommand())
    .addCommand(doctorCommand())
    .parseAsync();
}

function endWith(error: unknown): void {
  if (error instanceof CommanderError) {
    // commander has printed it.
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    return;
  }
  process.exitCode = exitCodeOf(error);
  if (process.env.DEBUG) process.stderr.write(`${printableLines(inspect(error))}\n`);
  else if (process.stderr.isTTY && process.exitCode === exitCodes.failure)
    process.stderr.write(pc.dim('(DEBUG=1 prints where it came from)\n'));
  process.stderr.write(`${pc.red('error:')} ${describeError(error)}\n`);
  // A step may wait for that process for ever, and Node for the step.
  if (process.exitCode === exitCodes.lost) endProcess(exitCodes.lost);
}

watchOutput();
let ended = false;
// Node would end a command that waits for what never comes without a word.
process.on('beforeExit', () => {
  if (ended) return;
  ended = true;
  const text =
    'the command waits for something that never comes: a defect in it or in a plug-in. Report it; a run goes on with --resume';
  endWith(Object.assign(new Error(text), { exitCode: exitCodes.internal }));
});
main()
  .catch(endWith)
  .finally(() => {
    ended = true;
  });
