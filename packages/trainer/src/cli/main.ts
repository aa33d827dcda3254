#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import pc from 'picocolors';
import { doctorCommand } from './doctor-command.ts';
import { evalCommand } from './eval-command.ts';
import { loadPlugins } from './plugins.ts';
import { prepareCommand } from './prepare-command.ts';
import { replayCommand } from './replay-command.ts';
import { trainCommand } from './train-command.ts';

const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

try {
  const plugins = await loadPlugins(process.argv);
  await new Command('bag-of-tricks')
    .description('The training recipe of He et al. (CVPR 2019) for TensorFlow.js')
    .version(manifest.version)
    .showHelpAfterError('(add --help for the list of options)')
    .addCommand(trainCommand(plugins))
    .addCommand(evalCommand(plugins.tricks))
    .addCommand(replayCommand(plugins.tricks))
    .addCommand(prepareCommand())
    .addCommand(doctorCommand())
    .parseAsync();
} catch (error) {
  const { name, message } = error as Error;
  process.stderr.write(`${pc.red('error:')} ${message}\n`);
  if (process.env.DEBUG) console.error(error);
  else if (name !== 'ConfigError')
    process.stderr.write(pc.dim('(DEBUG=1 prints where it came from)\n'));
  process.exitCode = 1;
}
