import { bceLoss, softmaxCrossEntropy } from '@bag-of-tricks/label-smoothing';
import type { BaseConfig } from '../config/base-schema.ts';
import type { LossFunction } from './train-step.ts';

/** The losses that a recipe names. */
export const losses: Readonly<Record<Exclude<BaseConfig['loss'], 'own'>, LossFunction>> = {
  'cross-entropy': (targets, logits) => softmaxCrossEntropy(targets, logits),
  bce: (targets, logits) => bceLoss(targets, logits),
};
