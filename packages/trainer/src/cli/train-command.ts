import { existsSync } from 'node:fs';
import { placementFrom } from '@bag-of-tricks/data-parallel';
import { printable } from '@bag-of-tricks/run-folder';
import { type Command, InvalidArgumentError } from 'commander';
import { withWeights } from '../config/from-weights.ts';
import { withPlugins } from '../config/known-tricks.ts';
import {
  bundledRecipes,
  checkPlain,
  formatConfig,
  loadRecipe,
  mergeConfig,
  type PartialConfig,
  parseYaml,
} from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import type { KnownTricks, TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { ConfigError } from '../errors.ts';
import { resumeTraining, train } from '../fit.ts';
import { profileStep } from '../profile-step.ts';
import type { ResumeChanges } from '../run/resumed-config.ts';
import { quietExchange } from '../run/same-start.ts';
import { createCommand } from './command.ts';
import { parseDuration } from './duration.ts';
import { flagTable } from './flag-table.ts';
import { addConfigFlags, nest } from './flags.ts';
import { formatDryRun } from './format-dry-run.ts';
import { formatProfile } from './format-profile.ts';
import { checkNewRun, checkWritable } from './output-folder.ts';
import { ownRecipes, recipeFor, withChoices } from './own-images.ts';
import { describeOff, type Plugins, pluginOption } from './plugins.ts';
import { nullIfAborted, type RunFlags, runTraining, type Watch } from './run-training.ts';
import { stopOnRequest } from './stop-requests.ts';

function parseSetting(text: string): PartialConfig {
  const [name, ...rest] = text.split('=');
  if (!name || rest.length === 0)
    throw new InvalidArgumentError(`expected name=value, got '${text}'.`);
  const where = `--set ${name}`;
  const setting = nest(name, parseYaml(rest.join('='), where));
  checkPlain(setting, where);
  return setting;
}

interface TrainFlags extends RunFlags {
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly profile?: boolean;
  readonly dryRun?: boolean;
}

/** `bag-of-tricks train`: recipe file, then flags over it, then the run. */
export function trainCommand(
  plugins: Plugins = { tricks: [], modules: [] },
  act: (options: TrainFlags, given: Given) => Promise<void> | void = trainOrResume,
): Command {
  const known = withPlugins(plugins.tricks);
  const settings: PartialConfig[] = [];
  const command = createCommand('train')
    .description('train a network by the recipe, or go on with an interrupted run')
    .option(
      '-c, --config <recipe>',
      `a YAML file, or a recipe of ours: ${bundledRecipes().join(', ')}; default for a folder of pictures: photos, with --pretrained fine-tuning; defaults of other flags are those without a recipe`,
    )
    .option('--resume <run folder>', 'go on with an interrupted run from its last checkpoint')
    .option('--print-config', 'print the resolved configuration and stop')
    .option('--profile', 'print where the time of one step goes, and stop')
    .option(
      '--max-time <duration>',
      'stop in good order after a time such as 90m or 2h30m, with a checkpoint to go on from',
      parseDuration,
    )
    .option(
      '--collective-timeout <duration>',
      'where several processes train: end when another one does not come, or does not join what all do, within a time such as 10m, the default',
      parseDuration,
    )
    .option(
      '--heartbeat <duration>',
      'where several processes train: end when another one does not answer for a time such as 1m, the default',
      parseDuration,
    )
    .option(
      '--accept-changed-data',
      'with --resume: go on although images were added, removed or changed; the epoch in work then shows others',
    )
    .option(
      '--dry-run',
      'take a step of everything, print memory, times and an estimate of the whole run, and stop',
    )
    .addOption(pluginOption());
  addConfigFlags(command, { table: flagTable(known), known }, (setting) => settings.push(setting));
  command.option(
    '--set <name=value>',
    'any setting by its name in the recipe, e.g. optimizer.momentum=0.8; may be repeated',
    parseSetting,
  );
  command.on('option:set', (text: string) => settings.push(parseSetting(text)));
  command.action((options: TrainFlags) => act(options, { settings, plugins, known }));
  return command;
}

const trainOrResume = (options: TrainFlags, given: Given): Promise<void> =>
  (options.resume === undefined ? trainBy : resumeBy)(options, given);

/** @throws ConfigError when a setting of a new run is wrong, as far as that can be seen without weights and images. */
export function checkTrain({ config, resume }: TrainFlags, { settings, known }: Given): void {
  if (resume !== undefined) return;
  const flags = settings.reduce(mergeConfig, {});
  const recipe = recipeFor(config, flags);
  parseConfig(mergeConfig(recipe === undefined ? {} : loadRecipe(recipe), flags), { known });
}

interface Given {
  /** What the flags set, in their order on the command line. */
  readonly settings: readonly PartialConfig[];
  readonly plugins: Plugins;
  readonly known: KnownTricks;
}

/** A new run by the recipe with the settings over it; or what it would be, or where its time would go. */
async function trainBy(options: TrainFlags, { settings, plugins, known }: Given): Promise<void> {
  const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
  // With --print-config, the standard output is the configuration and nothing else.
  const toErrors = (line: string) => process.stderr.write(`${printable(line)}\n`);
  const onProgress = options.printConfig ? toErrors : print;
  // What is chosen for the images depends on the devices, which TensorFlow is loaded for.
  if (!options.printConfig && placementFrom(process.env) !== null) quietExchange();
  const flags = settings.reduce(mergeConfig, {});
  const recipe = recipeFor(options.config, flags);
  const below = recipe === undefined ? {} : loadRecipe(recipe);
  const filled = await withWeights(mergeConfig(below, flags), { onProgress });
  const chooses = ownRecipes.some((name) => name === recipe);
  const choosing = { known, say: onProgress, install: !options.printConfig };
  const given = chooses ? await withChoices(filled, choosing) : filled;
  const config = parseConfig(given, { known });
  const input = config as TrainConfigInput;
  for (const line of describeOff(plugins.tricks, config)) onProgress(line);
  if (options.printConfig) process.stdout.write(formatConfig(config));
  else if (options.profile) {
    const profile = await profileStep(input, { plugins: plugins.tricks, onProgress: print });
    for (const line of formatProfile(profile)) print(line);
  } else if (options.dryRun) {
    checkNewRun(config);
    const { signal, exitCode } = stopOnRequest(print, { what: 'stopping' });
    const options = { plugins: plugins.tricks, onProgress: print, signal };
    const estimate = await dryRun(input, options).catch(nullIfAborted(signal));
    for (const line of estimate ? formatDryRun(estimate) : ['Interrupted. Nothing was written'])
      print(line);
    if (!estimate) process.exitCode = exitCode();
  } else {
    checkNewRun(config);
    const { logInterval } = config;
    await runTraining((watch) => train(input, watch), { plugins, logInterval, flags: options });
  }
}

const mayChange = (setting: PartialConfig) =>
  Object.keys(setting).every((name) => ['dataDir', 'epochs', 'patience'].includes(name));

/** Goes on with the run of `--resume`. */
async function resumeBy(flags: TrainFlags, { settings, plugins }: Given): Promise<void> {
  if (flags.config !== undefined || !settings.every(mayChange)) {
    throw new ConfigError(
      '--resume goes on with the configuration of the run; expected no other setting beside it than --epochs, --patience, and --data-dir for images that moved. Start a new run to change one',
    );
  }
  const { acceptChangedData } = flags;
  const resume = flags.resume!;
  if (existsSync(resume)) checkWritable(resume, '--resume');
  const changes: ResumeChanges = settings.reduce(mergeConfig, {});
  const start = (watch: Watch) =>
    resumeTraining(resume, { ...watch, ...changes, acceptChangedData });
  await runTraining(start, { plugins, logInterval: 50, flags, dataDir: changes.dataDir });
}
