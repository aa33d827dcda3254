import { availableParallelism, cpus } from 'node:os';
import type { Cluster } from '@bag-of-tricks/data-parallel';
import { fileFormatNames } from '@bag-of-tricks/image-data';
import { nativeBackend, openBackend } from '../backend.ts';
import { absolutePaths } from '../config/absolute-paths.ts';
import {
  type Choice,
  type Choices,
  chooseSettings,
  chosenPaths,
} from '../config/choose-settings.ts';
import { mergeConfig, type PartialConfig } from '../config/load.ts';
import { parseConfig, withImpliedDataset } from '../config/parse.ts';
import type { KnownTricks, TrainConfig } from '../config/schema.ts';
import { lookAtImages } from '../data/look-at-images.ts';
import { fromFirst, type Waiting } from '../run/from-first.ts';
import { machineMemory } from '../run/machine-memory.ts';
import { beginTogether } from '../run/same-start.ts';
import { formatChoice } from './format-choice.ts';

const fileFormats: readonly unknown[] = fileFormatNames.filter((name) => !name.startsWith('cifar'));

/** The recipes of whoever gives a folder and none: from scratch, and from weights. */
export const ownRecipes = ['photos', 'fine-tuning'] as const;

/** The recipe below the settings: the one that is named, or ours for images of one's own. */
export function recipeFor(named: string | undefined, settings: PartialConfig): string | undefined {
  const { dataset, pretrained, linearProbe } = withImpliedDataset(settings) as PartialConfig;
  if (named !== undefined || !fileFormats.includes(dataset)) return named;
  return ownRecipes[pretrained && !linearProbe ? 1 : 0];
}

/** The settings that can be chosen, as far as they are given. */
function givenOf(settings: PartialConfig): Partial<Choices> {
  const { model, input, batchSize, epochs, evalBatchSize, stepsPerEpoch } = settings;
  const { imageSize } = (input ?? {}) as PartialConfig;
  const all = { model, imageSize, batchSize, epochs, evalBatchSize, stepsPerEpoch };
  const set = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set);
}

interface Choosing extends Waiting {
  readonly known: KnownTricks;
  /** Whether the library may be fetched, which knows the GPU. */
  readonly install: boolean;
  /** The processes that train together: rank 0 chooses for all. Default: this one alone. */
  readonly cluster?: Cluster | null | undefined;
}

/**
 * Fills in what a recipe for own images leaves open: network, size, batch and epochs that suit the images and this machine; says in
 * three lines what and why. Images that are not in files of one's own, or a configuration that leaves nothing open, stay as they are.
 */
export async function withChoices(
  config: PartialConfig,
  choosing: Choosing,
): Promise<PartialConfig> {
  const { known, cluster } = choosing;
  const settings = withImpliedDataset(config) as PartialConfig;
  const given = givenOf(settings);
  const isOpen = chosenPaths.some((path) => !(path.split('.').at(-1)! in given));
  if (!isOpen || !fileFormats.includes(settings.dataset)) return config;
  const checked = absolutePaths(parseConfig(settings, { known }));
  if (cluster) beginTogether(checked);
  const choice = await fromFirst(cluster, () => choose(checked, given, choosing), choosing);
  const { imageSize, model, batchSize, epochs, evalBatchSize, stepsPerEpoch } = choice;
  const chosen = { model, batchSize, epochs, evalBatchSize, stepsPerEpoch };
  return mergeConfig(settings, { ...chosen, input: { imageSize } });
}

/** What a process has of its machine, where others of its cluster may be on it too. */
function shareOf(cluster: Cluster | null | undefined) {
  const hosts = (cluster?.addresses ?? ['']).map((address) => address.replace(/:\d+$/, ''));
  const here = hosts.filter((host) => host === hosts[cluster?.rank ?? 0]).length;
  return {
    processes: hosts.length,
    // Whoever started them may have shared the cores out.
    cores: Math.min(availableParallelism(), Math.max(1, Math.floor(cpus().length / here))),
    memory: machineMemory() / here,
  };
}

async function choose(
  config: TrainConfig,
  given: Partial<Choices>,
  { say, install, cluster, signal }: Choosing,
): Promise<Choice> {
  const seen = await lookAtImages(config, signal);
  const { backend: name, linearProbe } = config;
  const isNative = name === nativeBackend;
  const opened = install && isNative ? await openBackend({ name, onProgress: say, signal }) : null;
  const machine = { ...shareOf(cluster), gpuMemory: opened?.gpuMemory ?? null };
  const pretrained = config.pretrained !== null;
  const shorterSide = seen.shorterSide ?? 224;
  const choice = chooseSettings(
    { ...seen, shorterSide, ...machine, pretrained, linearProbe },
    given,
  );
  for (const line of formatChoice(config, seen, machine, choice)) say(line);
  return choice;
}
