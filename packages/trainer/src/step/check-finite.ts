import { allFinite } from '@bag-of-tricks/amp';
import type { Network } from '@bag-of-tricks/train-step';
import { DivergenceError, remedy } from '../errors.ts';

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
