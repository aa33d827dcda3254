import { availableParallelism } from 'node:os';
import { fileFormatNames } from '@bag-of-tricks/image-data';
import { formatDuration } from '@bag-of-tricks/run-folder';
import { openBackend } from '../backend.ts';
import { absolutePaths } from '../config/absolute-paths.ts';
import {
  type Choice,
  type Choices,
  type Circumstances,
  chooseSettings,
} from '../config/choose-settings.ts';
import { loadRecipe, mergeConfig, type PartialConfig } from '../config/load.ts';
import { parseConfig, withImpliedDataset } from '../config/parse.ts';
import type { KnownTricks, TrainConfig } from '../config/schema.ts';
import { type ImagesSeen, lookAtImages } from '../data/look-at-images.ts';
import { gigabytes, machineMemory } from '../run/machine-memory.ts';

const fileFormats: readonly unknown[] = fileFormatNames.filter((name) => !name.startsWith('cifar'));

/** The settings that can be chosen, as far as they are given. */
function givenOf({
  model,
  input,
  batchSize,
  epochs,
  evalBatchSize,
}: PartialConfig): Partial<Choices> {
  const { imageSize } = (input ?? {}) as PartialConfig;
  const all = { model, imageSize, batchSize, epochs, evalBatchSize };
  const set = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set);
}

interface Choosing {
  readonly known: KnownTricks;
  readonly say: (line: string) => void;
  /** Whether the library may be fetched, which knows the GPU. */
  readonly install: boolean;
}

/** Steps of a linear probe between two evaluations: as long as these take, or less. */
const probeSteps = 100;

/** The recipe of whoever gives a folder and none. */
export const ownRecipe = 'photos';

/** The recipe below the settings: the one that is named, or ours for images of one's own. */
export function recipeFor(named: string | undefined, settings: PartialConfig): PartialConfig {
  if (named !== undefined) return loadRecipe(named);
  const { dataset } = withImpliedDataset(settings) as PartialConfig;
  return fileFormats.includes(dataset) ? loadRecipe(ownRecipe) : {};
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
  const open = ['model', 'imageSize', 'batchSize', 'epochs'].some((name) => !(name in given));
  if (!open || !fileFormats.includes(settings.dataset)) return config;
  const checked = absolutePaths(parseConfig(settings, { known }));
  const seen = await lookAtImages(checked);
  const gpuMemory = install ? (await openBackend(say)).gpuMemory : null;
  const machine = { cores: availableParallelism(), memory: machineMemory(), gpuMemory };
  const { linearProbe } = checked;
  const pretrained = checked.pretrained !== null;
  const shorterSide = seen.shorterSide ?? 224;
  const choice = chooseSettings(
    { ...seen, shorterSide, ...machine, pretrained, linearProbe },
    given,
  );
  for (const line of linesOf(checked, seen, machine, choice)) say(line);
  const { imageSize, model, batchSize, epochs, evalBatchSize } = choice;
  const chosen = { model, batchSize, epochs, evalBatchSize, input: { imageSize } };
  const isShort = linearProbe && Math.floor(seen.trainImages / batchSize) < probeSteps;
  if (!isShort || checked.stepsPerEpoch !== null) return mergeConfig(settings, chosen);
  say(
    `--steps-per-epoch ${probeSteps}, for evaluations and checkpoints take longer than its steps`,
  );
  return mergeConfig(settings, { ...chosen, stepsPerEpoch: probeSteps });
}

type Machine = Pick<Circumstances, 'cores' | 'memory' | 'gpuMemory'>;

function linesOf(
  { dataDir, pretrained }: TrainConfig,
  { trainImages, classes, shorterSide }: ImagesSeen,
  { cores, memory, gpuMemory }: Machine,
  choice: Choice,
): string[] {
  const { model, imageSize, batchSize, epochs, reasons } = choice;
  const side = shorterSide === null ? '' : `, shorter side mostly ${shorterSide} px`;
  const time =
    choice.secondsEstimate === null ? '' : `, ${formatDuration(choice.secondsEstimate)} h of steps`;
  const start =
    pretrained === null
      ? 'from scratch (--pretrained starts from trained weights)'
      : 'from trained weights';
  return [
    `${dataDir}: ${trainImages} training images of ${classes} classes${side}; here are ${cores} cores${gpuMemory === null ? '' : `, a GPU of ${gigabytes(gpuMemory)}`} and ${gigabytes(memory)} of memory`,
    `Chosen for that: --model ${model} --image-size ${imageSize} --batch-size ${batchSize} --epochs ${epochs}, ${[start, ...reasons].join('; ')}`,
    `By tables, before the first step: about ${gigabytes(choice.memoryEstimate)} of memory${gpuMemory === null ? '' : ' on the GPU'}${time}`,
  ];
}
