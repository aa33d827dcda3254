import type { Position } from '@bag-of-tricks/run-folder';
import type { TrainConfig } from '../config/schema.ts';

/**
 * Whether the last `patience` evaluations were all no better than the best one. It follows from the position alone, so that a resumed
 * run ends where an uninterrupted one does.
 */
export function hasStalled(
  { epoch, best }: Pick<Position, 'epoch' | 'best'>,
  { patience, evalInterval }: Pick<TrainConfig, 'patience' | 'evalInterval'>,
): boolean {
  if (patience === null || best === null) return false;
  const evaluationsIn = (epochs: number) => Math.floor(epochs / evalInterval);
  return evaluationsIn(epoch) - evaluationsIn(best.epoch + 1) >= patience;
}
