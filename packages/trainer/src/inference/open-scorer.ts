import {
  buildTricks,
  createEvalStep,
  disposeTricks,
  type ImageTraits,
  type Network,
} from '@bag-of-tricks/train-step';
import { type KnownTricks, type TrainConfig, tricksOf } from '../config/schema.ts';
import { compiledScorer, eagerScorer, type Scorer } from '../step/runner.ts';

/** A scorer with what its tricks say of it, such as the precision. */
export interface OpenedScorer extends Scorer {
  readonly notes: readonly string[];
}

/** A network with the tricks that act on evaluation, for images of these traits; the network stays the caller's. */
export async function openScorer(
  network: Network,
  dataset: ImageTraits,
  { config, known }: { readonly config: TrainConfig; readonly known: KnownTricks },
): Promise<OpenedScorer> {
  const acting = tricksOf(config, known).filter(({ definition }) => definition.evaluates);
  const tricks = await buildTricks(acting, {
    ...{ network, dataset, config, stepsPerEpoch: 0 },
    loadNetwork: () =>
      Promise.reject(new Error('evaluate: expected no other network to be needed')),
  });
  try {
    const numClasses = dataset.classNames.length;
    const evalStep = createEvalStep({ network, tricks, pixels: dataset, numClasses });
    const parts = { evalStep, imageShape: dataset.imageShape };
    const scorer = config.compile ? await compiledScorer(parts) : eagerScorer(parts);
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
