import { allFinite } from '@bag-of-tricks/amp';
import { DivergenceError, type Network } from '@bag-of-tricks/train-step';

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';

/** @throws DivergenceError when the loss of a step that was taken is NaN or infinite. */
export function checkLoss(
  loss: number,
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
): void {
  if (Number.isFinite(loss)) return;
  throw new DivergenceError(
    `step ${step}: expected a finite loss, got ${loss} at learning rate ${learningRate}. ${remedy}`,
  );
}

/** @throws DivergenceError when any weight or running statistic is NaN or infinite. */
export async function checkWeights(network: Network, step: number): Promise<void> {
  const finite = allFinite({ ...network.parameters, ...network.buffers });
  const [allAreFinite] = await finite.data();
  finite.dispose();
  if (allAreFinite) return;
  throw new DivergenceError(
    `step ${step}: expected finite weights in ${network.name}, got NaN or infinity; nothing was saved. ${remedy}`,
  );
}
