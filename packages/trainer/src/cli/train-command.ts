import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  consoleLog,
  formatShare,
  command as npx,
  printable,
  type TrainResult,
} from '@bag-of-tricks/run-folder';
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
  pluginFlags,
} from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import type { KnownTricks, TrainConfigInput } from '../config/schema.ts';
import { dryRun } from '../dry-run.ts';
import { ConfigError, exitCodes } from '../errors.ts';
import { resumeTraining, train } from '../fit.ts';
import { profileStep } from '../profile-step.ts';
import type { ResumeChanges } from '../run/resumed-config.ts';
import { createCommand } from './command.ts';
import { parseDuration } from './duration.ts';
import { estimateTime } from './estimate-time.ts';
import { findCluster } from './find-cluster.ts';
import { flagTable } from './flag-table.ts';
import { addConfigFlags, nest } from './flags.ts';
import { formatDryRun } from './format-dry-run.ts';
import { formatProfile } from './format-profile.ts';
import { checkNewRun, checkWritable } from './output-folder.ts';
import { ownRecipes, recipeFor, withChoices } from './own-images.ts';
import { describeOff, type Plugins, pluginOption } from './plugins.ts';
import { createPrinter } from './printer.ts';
import { saveOnRequest } from './save-requests.ts';
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

function summarize(result: TrainResult, { modules }: Plugins, print: (line: string) => void): void {
  const {
    finished,
    evaluation,
    best,
    imagesPerSecond,
    trainSeconds,
    dataSeconds,
    runFolder,
    step,
    totalSteps,
  } = result;
  if (!finished) {
    print(
      `Interrupted after step ${step} of ${totalSteps}. Go on with: ${npx} train --resume ${resolve(runFolder)}${pluginFlags(modules)}`,
    );
    return;
  }
  if (result.endedEarly && best)
    print(
      `Ended early after step ${step} of ${totalSteps}: no evaluation since epoch ${best.epoch} was better`,
    );
  const atBest = best ? `; at best ${best.top1.toFixed(2)} % (epoch ${best.epoch})` : '';
  if (evaluation) print(`Top-1 accuracy: ${evaluation.top1.toFixed(2)} %${atBest}`);
  if (imagesPerSecond > 0) {
    print(`Throughput: ${imagesPerSecond.toFixed(1)} img/s`);
    print(`Waiting for data: ${formatShare(dataSeconds, trainSeconds)} of the training time`);
  }
  print(`Run folder: ${runFolder}`);
  const report = join(runFolder, 'report.html');
  if (existsSync(report)) print(`Report: ${report}`);
}

interface TrainFlags {
  readonly config?: string;
  readonly resume?: string;
  readonly printConfig?: boolean;
  readonly profile?: boolean;
  /** Seconds. */
  readonly maxTime?: number;
  /** Seconds. */
  readonly collectiveTimeout?: number;
  readonly dryRun?: boolean;
  readonly acceptChangedData?: boolean;
}

/** `bag-of-tricks train`: recipe file, then flags over it, then the run. */
export function trainCommand(plugins: Plugins = { tricks: [], modules: [] }): Command {
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
      'where several processes train: end when another one does not answer for a time such as 10m, the default',
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
  command.action((options: TrainFlags) => {
    if (options.resume === undefined) return trainBy(options, { settings, plugins, known });
    const mayChange = (setting: PartialConfig) =>
      Object.keys(setting).every((name) => ['dataDir', 'epochs', 'patience'].includes(name));
    if (options.config === undefined && settings.every(mayChange)) {
      if (existsSync(options.resume)) checkWritable(options.resume, '--resume');
      const changes: ResumeChanges = settings.reduce(mergeConfig, {});
      const { acceptChangedData, maxTime, collectiveTimeout } = options;
      const resume = (watch: Watch) =>
        resumeTraining(options.resume!, { ...watch, ...changes, acceptChangedData });
      const running = { plugins, logInterval: 50, maxTime, collectiveTimeout };
      return run(resume, { ...running, resumed: options.resume });
    }
    throw new ConfigError(
      '--resume goes on with the configuration of the run; expected no other setting beside it than --epochs, --patience, and --data-dir for images that moved. Start a new run to change one',
    );
  });
  return command;
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
    const { maxTime, collectiveTimeout } = options;
    const running = { plugins, logInterval, maxTime, collectiveTimeout };
    await run((watch) => train(input, watch), running);
  }
}

const nullIfAborted = (signal: AbortSignal) => (error: unknown) => {
  if (!signal.aborted || (error as Error).name !== 'AbortError') throw error;
  return null;
};

/** What all ranks but the first one say. */
const printWarnings = (line: string) => {
  if (line.startsWith('Warning: ')) process.stderr.write(`${printable(line)}\n`);
};

type Watch = Parameters<typeof train>[1];

interface Running {
  readonly plugins: Plugins;
  readonly logInterval: number;
  readonly maxTime: number | undefined;
  readonly collectiveTimeout: number | undefined;
  /** The run that it goes on with. */
  readonly resumed?: string;
}

async function run(
  start: (options: Watch) => Promise<TrainResult>,
  { plugins, logInterval, maxTime, collectiveTimeout, resumed }: Running,
): Promise<void> {
  const printer = createPrinter();
  const { signal, exitCode } = stopOnRequest(printer.print, { maxSeconds: maxTime });
  const columns = () => process.stdout.columns;
  const finding = { timeout: collectiveTimeout, signal, print: printer.print };
  const cluster = await findCluster(finding);
  const isFirst = cluster === null || cluster.rank === 0;
  const result = await start({
    cluster,
    hooks: [
      consoleLog(printer.toTerminal, { logInterval, columns }),
      consoleLog(printer.toLog, { logInterval }),
      printer.hooks,
      estimateTime(printer.print),
    ],
    signal,
    saveRequested: saveOnRequest(printer.print),
    onProgress: isFirst ? printer.print : printWarnings,
    plugins: plugins.tricks,
    pluginModules: plugins.modules,
  }).catch(nullIfAborted(signal));
  if (result === null) {
    const left = resumed === undefined ? 'Nothing had been trained' : `${resumed} is as it was`;
    printer.print(`Interrupted before the first step. ${left}`);
    printer.close();
    process.exitCode = exitCode();
    return;
  }
  if (isFirst) summarize(result, plugins, printer.print);
  printer.close();
  // Another of the processes may have been asked to stop.
  if (!result.finished) process.exitCode = exitCode() || exitCodes.terminated;
}
