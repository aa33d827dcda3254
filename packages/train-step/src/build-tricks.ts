import { guardParts } from './guard.ts';
import type { EpochData, NamedParts, TrickParts } from './parts.ts';
import type { ConfiguredTrick, RunContext } from './trick.ts';

/**
 * Frees what the tricks hold.
 *
 * @example
 * ```ts
 * import { disposeTricks } from '@bag-of-tricks/train-step';
 *
 * disposeTricks([{ dispose: () => console.log('freed') }]);
 * ```
 */
export function disposeTricks(tricks: readonly TrickParts[]): void {
  for (const trick of tricks) trick.dispose?.();
}

/**
 * Builds the tricks in the order of the list; what was built is freed again when one fails. What a trick throws, here or in a step,
 * begins with its name.
 *
 * @example
 * ```ts
 * import { buildTricks, createTrainStep } from '@bag-of-tricks/train-step';
 * import { createNetwork, createOptimizer, parseConfig, tricks } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const config = parseConfig({ dataset: 'synthetic' });
 * const shape = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', shape);
 * const classNames = ['a', 'b', 'c', 'd'];
 * const traits = { imageShape: [8, 8, 3], mean: [128, 128, 128], std: [40, 40, 40] } as const;
 * const built = await buildTricks([tricks.labelSmoothing(), tricks.gradientClipping()], {
 *   ...{ network, config, dataset: { name: 'mine', classNames, ...traits }, stepsPerEpoch: 10 },
 *   loadNetwork: () => Promise.reject(new Error('no teacher here')),
 * });
 * const optimizer = createOptimizer(network.parameters, config.optimizer);
 * const step = createTrainStep({ network, optimizer, numClasses: 4, tricks: built, pixels: traits });
 * const images = tf.zeros<tf.Rank.R4>([4, 8, 8, 3], 'int32');
 * const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
 * step({ images, labels, learningRate: tf.scalar(0.1) }).gradNorm!.print();
 * ```
 *
 * @throws Error naming the trick that cannot be built, or that has a part of an unknown name.
 */
export async function buildTricks(
  tricks: readonly ConfiguredTrick[],
  run: RunContext,
): Promise<NamedParts[]> {
  const built: { readonly name: string; readonly parts: TrickParts }[] = [];
  try {
    for (const { definition, settings } of tricks) {
      const parts = await definition.build?.(settings, run);
      built.push({ name: definition.name, parts: parts ?? {} });
    }
    return built.map(({ name, parts }) => ({ ...guardParts(name, parts), name }));
  } catch (error) {
    disposeTricks(built.map(({ parts }) => parts));
    throw error;
  }
}

/**
 * What the loader does differently in an epoch: images are changed by one trick after the other; of two sizes the later trick's is taken.
 *
 * @example
 * ```ts
 * import { epochData } from '@bag-of-tricks/train-step';
 *
 * const growing = { data: (epoch: number) => ({ imageSize: 128 + 32 * epoch }) };
 * console.log(epochData([growing], 2).imageSize); // 192
 * ```
 */
export function epochData(tricks: readonly TrickParts[], epoch: number): EpochData {
  const parts = tricks.flatMap((trick) => trick.data?.(epoch) ?? []);
  const augment = parts.flatMap((part) => part.augment ?? []);
  const imageSize = parts.findLast((part) => part.imageSize !== undefined)?.imageSize;
  return { augment, ...(imageSize !== undefined && { imageSize }) };
}
