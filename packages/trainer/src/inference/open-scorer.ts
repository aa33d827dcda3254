import {
  buildTricks,
  createEvalStep,
  disposeTricks,
  type ImageTraits,
  type NamedParts,
  type Network,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../backend.ts';
import { type KnownTricks, type TrainConfig, tricksOf } from '../config/schema.ts';
import { eagerScorer } from '../step/eager-runner.ts';
import { compiledScorer, type Scorer } from '../step/runner.ts';

/** A scorer with what its tricks say of it, such as the precision. */
export interface OpenedScorer extends Scorer {
  readonly notes: readonly string[];
}

/** The settings of a run, whose tricks may act on evaluation. */
export interface ScoringSettings {
  readonly config: TrainConfig;
  readonly known: KnownTricks;
}

/** A network with the tricks that act on evaluation, for images of these traits; the network stays the caller's. Without settings there are none. */
export async function openScorer(
  network: Network,
  dataset: ImageTraits,
  settings: ScoringSettings | null,
): Promise<OpenedScorer> {
  const tricks = settings ? await actingTricks(network, dataset, settings) : [];
  try {
    const numClasses = dataset.classNames.length;
    const evalStep = createEvalStep({ network, tricks, pixels: dataset, numClasses });
    const parts = { evalStep, imageShape: dataset.imageShape };
    const compiles = tf.getBackend() === nativeBackend && (settings?.config.compile ?? true);
    const scorer = compiles ? await compiledScorer(parts) : eagerScorer(parts);
    return {
      notes: tricks.flatMap((trick) => trick.notes?.lines ?? []),
      evaluate: scorer.evaluate,
      async dispose() {
        await scorer.dispose();
        disposeTricks(tricks);
      },
    };
  } catch (error) {
    disposeTricks(tricks);
    throw error;
  }
}

function actingTricks(
  network: Network,
  dataset: ImageTraits,
  { config, known }: ScoringSettings,
): Promise<NamedParts[]> {
  const acting = tricksOf(config, known).filter(({ definition }) => definition.evaluates);
  return buildTricks(acting, {
    ...{ network, dataset, config, stepsPerEpoch: 0 },
    loadNetwork: () =>
      Promise.reject(new Error('evaluate: expected no other network to be needed')),
  });
}
