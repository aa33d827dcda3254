import { type Random, seededRandom } from '@bag-of-tricks/random';
import { blaming, guardParts } from './guard.ts';
import { checkLogNames, checkNames, stepInputs } from './names.ts';
import type { Stages, Wrap } from './stages.ts';
import type { ConfiguredTrick, DrawAt, EpochData, RunContext, TrickParts } from './trick.ts';

/** A stage with what each trick wraps around it, the first trick innermost. */
export function compose<Name extends keyof Stages>(
  name: Name,
  tricks: readonly TrickParts[],
  core: Stages[Name],
): Stages[Name] {
  const wraps = tricks.flatMap((trick) => (trick[name] as Wrap<Stages[Name]> | undefined) ?? []);
  return wraps.reduce((inner, wrap) => wrap(inner), core);
}

/** A trick of a run with its name. */
export interface NamedParts extends TrickParts {
  readonly name: string;
}

/** Frees what the tricks hold. */
export function disposeTricks(tricks: readonly TrickParts[]): void {
  for (const { dispose } of tricks) dispose?.();
}

/**
 * Builds the tricks in the order of the list; what was built is freed again when one fails. What a trick throws, here or in a step,
 * begins with its name.
 *
 * @example
 * ```ts
 * import {
 *   buildTricks,
 *   createNetwork,
 *   createOptimizer,
 *   createTrainStep,
 *   parseConfig,
 *   tricks,
 * } from '@bag-of-tricks/trainer';
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
  const built: NamedParts[] = [];
  try {
    for (const trick of tricks) built.push(await buildTrick(trick, run));
    checkLogNames(built);
  } catch (error) {
    disposeTricks(built);
    throw error;
  }
  return built;
}

async function buildTrick(
  { definition, settings }: ConfiguredTrick,
  run: RunContext,
): Promise<NamedParts> {
  const { name } = definition;
  const parts = await blaming(name, async () => (await definition.build?.(settings, run)) ?? {});
  try {
    return { ...guardParts(name, parts), name };
  } catch (error) {
    parts.dispose?.();
    throw error;
  }
}

/** What a step draws for: the seed of the run and the place in it. */
export type DrawFor = Omit<DrawAt, 'random'> & { readonly seed: number; readonly step: number };

/** Numbers drawn for a step, by name. */
export type Draws = Readonly<Record<string, number | readonly number[]>>;

/**
 * Draws the numbers of a step for all tricks. They depend on (seed, epoch, step, name of the trick) alone, so that a resumed run draws
 * what an uninterrupted one would, and switching one trick off leaves the others' draws alone.
 */
export function drawStep(tricks: readonly NamedParts[], { seed, step, ...at }: DrawFor): Draws {
  const randomOf = (name: string): Random => seededRandom(seed, at.epoch, name, step);
  const turns = new Map<string, NamedParts>();
  for (const trick of tricks) {
    const turn = trick.draws?.turn;
    if (!turn) continue;
    const isFirst = !turns.has(turn.group);
    if (isFirst || randomOf(`${turn.group} ${trick.name}`)() < turn.share) {
      turns.set(turn.group, trick);
    }
  }
  const drawn = tricks.flatMap((trick) => {
    if (!trick.draws) return [];
    const { turn } = trick.draws;
    const acts = !turn || turns.get(turn.group) === trick;
    const random = randomOf(trick.name);
    return Object.entries(
      acts ? trick.draws.draw({ ...at, random }) : turn.idle({ ...at, random }),
    );
  });
  return Object.fromEntries(drawn);
}

/** Shapes of all that the tricks draw, by name. */
export function drawShapes(
  tricks: readonly NamedParts[],
): Readonly<Record<string, readonly number[]>> {
  checkNames('draws', tricks, ({ draws }) => Object.keys(draws?.shapes ?? {}), stepInputs);
  return Object.assign({}, ...tricks.map(({ draws }) => draws?.shapes));
}

/** What the loader does differently in an epoch: images are changed by one trick after the other; of two sizes the later trick's is taken. */
export function epochData(tricks: readonly TrickParts[], epoch: number): EpochData {
  const parts = tricks.flatMap((trick) => trick.data?.(epoch) ?? []);
  const augment = parts.flatMap((part) => part.augment ?? []);
  return Object.assign({}, ...parts, { augment });
}
