import { loadRecipe, parseConfig } from '@bag-of-tricks/trainer';
import { runName } from '../run-folders.ts';

/** How a run of the comparison starts and who trains it. */
export type Way = 'tuned' | 'pytorch' | 'scratch';

/** Each way with what the table says of it. */
export const ways: Readonly<Record<Way, string>> = {
  tuned: 'ours, fine-tuned',
  pytorch: 'PyTorch, fine-tuned',
  scratch: 'ours, from scratch',
};

/** Epochs by training images, as many as an hour of comparison on two cores allows; another number of images has one, to try the path. */
export const epochsOf: Readonly<Record<number, number>> = { 2000: 4, 20000: 1 };

/** Of each class, for evaluation. */
export const evalImagesOfClass = 200;

/** What the trainer takes for weights and a folder of images; a comparison of one's own starts from the same. */
const { learningRate, optimizer, warmup, labelSmoothing } = parseConfig({
  ...loadRecipe('fine-tuning'),
  dataDir: 'cifar10',
});

/** What all ways have in common. */
export const recipe = {
  network: 'tf_efficientnet_lite0',
  numClasses: 10,
  imageSize: 128,
  batchSize: 32,
  learningRate: learningRate.base,
  weightDecay: optimizer.weightDecay,
  warmupEpochs: warmup?.epochs ?? 0,
  epsilon: labelSmoothing?.epsilon ?? 0,
  cropPadding: 16,
  // Those of the weights.
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
} as const;

/** One run of the comparison. */
export interface Training {
  readonly way: Way;
  readonly images: number;
  readonly seed: number;
}

export const folderName = ({ way, images, seed }: Training) => runName(`${way}-${images}`, seed);

/** A size after the other; in it the ways by turns, so that another load on the machine meets all. */
export function trainingsOf(
  images: readonly number[],
  seeds: readonly number[],
  rows = Object.keys(ways) as Way[],
): Training[] {
  return images.flatMap((size) =>
    seeds.flatMap((seed) => rows.map((way) => ({ way, images: size, seed }))),
  );
}

/** The trainer's flags as a user would type them. */
export function flagsOf({ way, images, seed }: Training, pretrained: string): string[] {
  const { imageSize, batchSize } = recipe;
  return [
    ...['--config', 'fine-tuning'],
    ...(way === 'scratch'
      ? ['--model', recipe.network, '--crop-pct', '1', '--interpolation', 'bicubic']
      : ['--pretrained', pretrained, '--crop-pct', '1']),
    ...['--set', `input.mean=[${recipe.mean}]`, '--set', `input.std=[${recipe.std}]`],
    ...['--image-size', `${imageSize}`, '--batch-size', `${batchSize}`],
    ...['--epochs', `${epochsOf[images] ?? 1}`, '--seed', `${seed}`],
    ...['--crop', 'pad', '--crop-padding', `${recipe.cropPadding}`],
  ];
}
