import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findPython } from '@bag-of-tricks/bench/pytorch';
import type { TrainConfig } from '@bag-of-tricks/trainer';
import { parse } from 'yaml';
import { pytorchName } from './rows.ts';
import { runName } from './run-folders.ts';
import type { Command } from './spawn.ts';

/** What the Python program takes for granted; another recipe would be another comparison. */
function checkConfig(config: TrainConfig, path: string): void {
  const { augment, schedule, warmup, labelSmoothing, mixup, amp } = config;
  const isTheRecipe =
    config.init === 'xavier' &&
    config.zeroGamma &&
    config.optimizer.noBiasDecay &&
    augment.crop === 'pad' &&
    augment.flip &&
    schedule.name === 'cosine' &&
    schedule.end === 0 &&
    warmup?.form === 'paper' &&
    labelSmoothing?.form === 'uniform' &&
    mixup?.lastEpochsOff === 0 &&
    (amp === null || amp.dtype === 'bfloat16');
  if (!isTheRecipe) {
    throw new Error(
      `pytorchArguments: expected ${path} to be the recipe that python/train_recipe.py trains (Xavier, zero gamma, no bias decay, pad crop and flip, warmup, cosine to 0, smoothing, mixup; float32 or bfloat16), got another one.`,
    );
  }
}

/** The command that trains the recipe of the run folder `compared` in PyTorch; makes the folder of its run. */
export async function pytorchArguments(
  compared: string,
  seed: number,
  { dataDir, runsFolder }: { readonly dataDir: string; readonly runsFolder: string },
): Promise<Command> {
  const path = join(compared, 'args.yaml');
  if (!existsSync(path)) {
    throw new Error(
      `pytorchArguments: expected the run ${compared}, whose recipe is PyTorch's too.`,
    );
  }
  const text = readFileSync(path, 'utf8');
  const config = parse(text) as TrainConfig;
  checkConfig(config, path);
  const { learningRate, batchSize } = config;
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
    batchSize,
    learningRate: learningRate.linearScaling
      ? (learningRate.base * batchSize) / learningRate.baseBatchSize
      : learningRate.base,
    warmupEpochs: config.warmup?.epochs,
    momentum: config.optimizer.momentum,
    weightDecay: config.optimizer.weightDecay,
    epsilon: config.labelSmoothing?.epsilon,
    mixupAlpha: config.mixup?.alpha,
    mean: config.input.mean,
    std: config.input.std,
    cropPadding: config.augment.cropPadding,
    bfloat16: config.amp !== null,
    cpu: cpus()[0]?.model ?? 'unknown',
    commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
  };
  const bench = dirname(
    createRequire(import.meta.url).resolve('@bag-of-tricks/bench/package.json'),
  );
  return {
    file: await findPython(console.error),
    args: [join(import.meta.dirname, '..', 'python', 'train_recipe.py'), JSON.stringify(spec)],
    env: { ...process.env, PYTHONPATH: join(bench, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
  };
}
