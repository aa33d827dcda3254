import { existsSync } from 'node:fs';
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
import type { KnownTricks, TrainConfig, TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { ConfigError } from '../errors.ts';
import { resumeTraining, train } from '../fit.ts';
import { profileStep } from '../profile-step.ts';
import type { ResumeChanges } from '../run/resumed-config.ts';
import type { TrainOptions } from '../run/train-options.ts';
import { createCommand } from './command.ts';
import { parseDuration } from './duration.ts';
import { flagTable } from './flag-table.ts';
import { addConfigFlags, nest } from './flags.ts';
import { formatProfile } from './format-profile.ts';
import type { Joined } from './join-others.ts';
import { checkNewRun, checkWritable } from './output-folder.ts';
import { ownRecipes, recipeFor, withChoices } from './own-images.ts';
import { describeOff, type Plugins, pluginOption } from './plugins.ts';
import { runDry } from './run-dry.ts';
import { type RunFlags, runTraining, type Watch } from './run-training.ts';

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

/** The recipe, and what the flags set above it. */
function asked({ config }: TrainFlags, { settings }: Given) {
  const flags = settings.reduce(mergeConfig, {});
  const recipe = recipeFor(config, flags);
  const input = mergeConfig(recipe === undefined ? {} : loadRecipe(recipe), flags);
  return { input, chooses: ownRecipes.some((name) => name === recipe) };
}

/** @throws ConfigError when a setting of a new run is wrong, as far as that can be seen without weights and images. */
const firstLook = (options: TrainFlags, given: Given): TrainConfig =>
  parseConfig(asked(options, given).input, { known: given.known });

/** @throws What `firstLook` throws. */
export function checkTrain(options: TrainFlags, given: Given): void {
  if (options.resume === undefined) firstLook(options, given);
}

interface Given {
  /** What the flags set, in their order on the command line. */
  readonly settings: readonly PartialConfig[];
  readonly plugins: Plugins;
  readonly known: KnownTricks;
}

type Filling = Pick<TrainOptions, 'onProgress' | 'cluster' | 'signal'> & {
  readonly install?: boolean;
};

/** The settings of a new run, with those that weights, images and machine say. */
async function fillIn(
  options: TrainFlags,
  given: Given,
  { onProgress = () => {}, cluster, signal, install = true }: Filling,
): Promise<TrainConfigInput> {
  const { input, chooses } = asked(options, given);
  const { known, plugins } = given;
  const filled = await withWeights(input, { onProgress, signal });
  const choosing = { known, say: onProgress, install, cluster, signal };
  const config = parseConfig(chooses ? await withChoices(filled, choosing) : filled, { known });
  for (const line of describeOff(plugins.tricks, config)) onProgress(line);
  return config as TrainConfigInput;
}

/** A new run by the recipe with the settings over it; or what it would be, or where its time would go. */
async function trainBy(options: TrainFlags, given: Given): Promise<void> {
  const { plugins } = given;
  const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
  if (options.printConfig) {
    // The standard output is the configuration and nothing else.
    const onProgress = (line: string) => process.stderr.write(`${printable(line)}\n`);
    const config = await fillIn(options, given, { onProgress, install: false });
    process.stdout.write(formatConfig(config as TrainConfig));
    return;
  }
  if (options.profile) {
    const input = await fillIn(options, given, { onProgress: print });
    const profile = await profileStep(input, { plugins: plugins.tricks, onProgress: print });
    for (const line of formatProfile(profile)) print(line);
    return;
  }
  const config = firstLook(options, given);
  checkNewRun(config);
  if (options.dryRun) {
    const start = async (watch: Joined) =>
      dryRun(await fillIn(options, given, watch), { ...watch, plugins: plugins.tricks });
    await runDry(start, { flags: options, print });
    return;
  }
  const { logInterval } = config;
  const start = async (watch: Watch) => train(await fillIn(options, given, watch), watch);
  await runTraining(start, { plugins, logInterval, flags: options });
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
