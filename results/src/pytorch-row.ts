import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TrainConfig } from '@bag-of-tricks/trainer';
import { parse } from 'yaml';
import { comparedName, pytorchName } from './rows.ts';
import { runName } from './run-folders.ts';
import { type Command, pythonProgram } from './spawn.ts';

/** A run's `args.yaml`. Of older runs two tricks stand below other keys. */
type Recorded = TrainConfig & {
  readonly learningRate: { readonly linearScaling?: boolean; readonly baseBatchSize?: number };
  readonly optimizer: { readonly noBiasDecay?: boolean };
};

/** The learning rate at its peak. */
function peakRate({ learningRate, linearScaling, batchSize }: Recorded): number {
  const { base } = learningRate;
  const baseBatchSize = learningRate.linearScaling
    ? learningRate.baseBatchSize
    : linearScaling?.baseBatchSize;
  return baseBatchSize ? (base * batchSize) / baseBatchSize : base;
}

/** What the Python program takes for granted; another recipe would be another comparison. */
function checkConfig(config: Recorded, path: string): void {
  const { augment, schedule, warmup, labelSmoothing, mixup, amp } = config;
  const isTheRecipe =
    config.init === 'xavier' &&
    config.zeroGamma &&
    (config.optimizer.noBiasDecay ?? config.noBiasDecay) &&
    augment.crop === 'pad' &&
    augment.flip &&
    schedule?.name === 'cosine' &&
    schedule?.end === 0 &&
    warmup?.form === 'paper' &&
    labelSmoothing?.form === 'uniform' &&
    mixup?.lastEpochsOff === 0 &&
    (amp === null || amp.dtype === 'bfloat16');
  if (!isTheRecipe) {
    throw new Error(
      `startPytorchRun: expected ${path} to be the recipe that python/train_recipe.py trains (Xavier, zero gamma, no bias decay, pad crop and flip, warmup, cosine to 0, smoothing, mixup; float32 or bfloat16), got another one.`,
    );
  }
}

/** Makes the folder of a new run in place of an old one, and returns the command that trains the recipe of `compared` in it. */
export async function startPytorchRun(
  compared: string,
  seed: number,
  { dataDir, runsFolder }: { readonly dataDir: string; readonly runsFolder: string },
): Promise<Command> {
  const path = join(compared, 'args.yaml');
  if (!existsSync(path)) {
    throw new Error(
      `startPytorchRun: expected the run ${compared}, whose recipe is PyTorch's too, found none. Train it first: --rows ${comparedName}.`,
    );
  }
  const text = readFileSync(path, 'utf8');
  const config = parse(text) as Recorded;
  checkConfig(config, path);
  const { provenance, command } = await pythonProgram('train_recipe.py');
  // Only now: whatever is missing has said so, and an old run is not lost for it.
  const folder = join(runsFolder, runName(pytorchName, seed));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The recipe is the compared run's, word for word, below a first line that names the program.
  const recipe = text.split('\n').slice(1).join('\n');
  writeFileSync(
    join(folder, 'args.yaml'),
    `# python/train_recipe.py, recipe of ${basename(compared)}\n${recipe}`,
  );
  const spec = {
    folder,
    dataDir,
    seed,
    network: config.model,
    numClasses: 10,
    epochs: config.epochs,
    batchSize: config.batchSize,
    learningRate: peakRate(config),
    warmupEpochs: config.warmup?.epochs,
    momentum: config.optimizer.momentum,
    weightDecay: config.optimizer.weightDecay,
    epsilon: config.labelSmoothing?.epsilon,
    mixupAlpha: config.mixup?.alpha,
    mean: config.input.mean,
    std: config.input.std,
    cropPadding: config.augment.cropPadding,
    bfloat16: config.amp !== null,
    ...provenance,
  };
  return command(spec);
}
