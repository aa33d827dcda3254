import { availableParallelism } from 'node:os';
import { fileFormatNames } from '@bag-of-tricks/image-data';
import { nativeBackend, openBackend } from '../backend.ts';
import { absolutePaths } from '../config/absolute-paths.ts';
import { type Choices, chooseSettings, chosenPaths } from '../config/choose-settings.ts';
import { mergeConfig, type PartialConfig } from '../config/load.ts';
import { parseConfig, withImpliedDataset } from '../config/parse.ts';
import type { KnownTricks } from '../config/schema.ts';
import { lookAtImages } from '../data/look-at-images.ts';
import { machineMemory } from '../run/machine-memory.ts';
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

interface Choosing {
  readonly known: KnownTricks;
  readonly say: (line: string) => void;
  /** Whether the library may be fetched, which knows the GPU. */
  readonly install: boolean;
}

/**
 * Fills in what a recipe for own images leaves open: network, size, batch and epochs that suit the images and this machine; says in
 * three lines what and why. Images that are not in files of one's own, or a configuration that leaves nothing open, stay as they are.
 */
export async function withChoices(
  config: PartialConfig,
  { known, say, install }: Choosing,
): Promise<PartialConfig> {
  const settings = withImpliedDataset(config) as PartialConfig;
  const given = givenOf(settings);
  const isOpen = chosenPaths.some((path) => !(path.split('.').at(-1)! in given));
  if (!isOpen || !fileFormats.includes(settings.dataset)) return config;
  const checked = absolutePaths(parseConfig(settings, { known }));
  const seen = await lookAtImages(checked);
  const { backend: name } = checked;
  const isNative = name === nativeBackend;
  const opened = install && isNative ? await openBackend({ name, onProgress: say }) : null;
  const gpuMemory = opened?.gpuMemory ?? null;
  const machine = { cores: availableParallelism(), memory: machineMemory(), gpuMemory };
  const { linearProbe } = checked;
  const pretrained = checked.pretrained !== null;
  const shorterSide = seen.shorterSide ?? 224;
  const at = { ...seen, shorterSide, ...machine, pretrained, linearProbe };
  const choice = chooseSettings(at, given);
  for (const line of formatChoice(checked, seen, machine, choice)) say(line);
  const { imageSize, model, batchSize, epochs, evalBatchSize, stepsPerEpoch } = choice;
  const chosen = { model, batchSize, epochs, evalBatchSize, stepsPerEpoch };
  return mergeConfig(settings, { ...chosen, input: { imageSize } });
}
