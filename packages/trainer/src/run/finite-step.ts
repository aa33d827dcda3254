import { allFinite, skipUnless } from '@bag-of-tricks/amp';
import type { Metrics, NamedParts, Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs-core';

/** Whether no number is NaN or infinite, nor their sum: one pass over the gradients, where a test of each number would take two. */
const isFiniteSum = (gradients: tf.NamedTensorMap) =>
  tf.isFinite(tf.addN(Object.values(gradients).map((gradient) => tf.sum(gradient))));

const both = (a: tf.Tensor, b: tf.Tensor) => tf.logicalAnd(a, b) as tf.Scalar;

/** Whether loss, gradients and statistics of a step were finite, by its numbers; without `finiteStep`, whether the loss was. */
export const wasFinite = ({ loss, finite = 1 }: Readonly<Record<string, number>>): boolean =>
  Number.isFinite(loss) && finite === 1;

/**
 * What wraps a step last: one whose loss, gradients or running statistics are not finite assigns nothing, and its metric `finite` is 0.
 * So the run stops with the weights that the step began with, and the step can be taken again.
 */
export function finiteStep(
  { buffers }: Pick<Network, 'buffers'>,
  tricks: readonly NamedParts[],
): NamedParts[] {
  // Two conditions around one update could not be made in place.
  if (tricks.some(({ skips }) => skips)) return [];
  const floats = Object.entries(buffers).filter(([, { dtype }]) => dtype === 'float32');
  const statistics = Object.fromEntries(floats);
  const isTaken = ({ finite }: Metrics) => tf.equal(finite!, 1) as tf.Scalar;
  return [
    {
      name: 'finite',
      step: (inner) => (batch, at) =>
        skipUnless(isTaken, () => {
          const metrics = inner(batch, at);
          const scored = metrics.finite ? tf.equal(metrics.finite, 1) : tf.isFinite(metrics.loss);
          const finite = floats.length > 0 ? both(scored, allFinite(statistics)) : scored;
          return { ...metrics, finite: tf.cast(finite, 'float32') as tf.Scalar };
        }),
      gradients:
        (inner) =>
        (...given) => {
          const { gradients, metrics } = inner(...given);
          const finite = both(tf.isFinite(metrics.loss), isFiniteSum(gradients));
          return { gradients, metrics: { ...metrics, finite: tf.cast(finite, 'float32') } };
        },
    },
  ];
}
