import * as tf from '@tensorflow/tfjs-core';

/** What one micro-batch gives: a mean loss, its gradients by name, and whatever else is wanted. */
export interface MicroBatchResult {
  readonly loss: tf.Scalar;
  readonly gradients: tf.NamedTensorMap;
  readonly [other: string]: tf.Tensor | tf.NamedTensorMap;
}

export interface AccumulateGradientsOptions {
  /** How many micro-batches the batch is cut into, an integer >= 1 that divides it. */
  readonly steps: number;
}

/**
 * The gradients of a large batch, computed in micro-batches one after the other, so that only one of them is in memory.
 *
 * ```
 * loss      = 1/k * sum of loss(micro-batch i)            k = steps
 * gradients = 1/k * sum of gradients(micro-batch i)
 * ```
 *
 * `batch` is tensors by name, each [batch, ...]; micro-batch i has the examples `i * batch/k .. (i + 1) * batch/k - 1`, in their
 * dtype. `f` returns the *mean* loss over its micro-batch, the gradients by name, and other tensors: scalars are averaged
 * too, others (such as logits) joined along their first axis. The function's results are freed, the returned tensors are the
 * caller's. No value is read.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { accumulateGradients } from '@bag-of-tricks/gradient-accumulation';
 *
 * const weight = tf.variable(tf.zeros([3, 1]));
 * const batch = { x: tf.ones([8, 3]), y: tf.ones([8, 1]) };
 * const { loss, gradients } = accumulateGradients(batch, { steps: 4 }, ({ x, y }) => {
 *   const error = () => tf.losses.meanSquaredError(y!, tf.matMul(x!, weight)).asScalar();
 *   const { value, grads } = tf.variableGrads(error, [weight]);
 *   return { loss: value, gradients: grads };
 * });
 * loss.print(); // 1
 * ```
 *
 * @throws RangeError if the batch cannot be cut into `steps` equal parts, TypeError or Error if `f` returns no loss, or not
 * the same tensors each time.
 */
export function accumulateGradients<B extends Batch, R extends MicroBatchResult>(
  batch: B,
  { steps }: AccumulateGradientsOptions,
  f: (microBatch: B) => R,
): R {
  const size = microBatchSize(batch, steps);
  return tf.tidy(() => {
    let total: Total | null = null;
    for (let i = 0; i < steps; i++) {
      const before: Total | null = total;
      // The tidy frees the activations of this micro-batch before the next one begins.
      total = tf.tidy((): Total => {
        const part = (tensor: tf.Tensor) => tf.slice(tensor, i * size, size);
        return addTo(before, f(mapValues(batch, part) as B));
      });
      if (before) tf.dispose([before.gradients, before.scalars]);
    }
    const { gradients, scalars, parts } = total!;
    const mean = (sum: tf.Tensor) => tf.div(sum, steps);
    return {
      ...mapValues(scalars, mean),
      ...mapValues(parts, (tensors) => tf.concat(tensors)),
      gradients: mapValues(gradients, mean),
    };
  }) as unknown as R;
}

type Batch = Readonly<Record<string, tf.Tensor>>;

/** What has come of the micro-batches so far. */
type Total = {
  readonly gradients: tf.NamedTensorMap;
  readonly scalars: tf.NamedTensorMap;
  readonly parts: Record<string, tf.Tensor[]>;
};

function microBatchSize(batch: Batch, steps: number): number {
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new RangeError(
      `accumulateGradients: expected steps to be an integer >= 1, got ${steps}. 1 computes the batch in one piece.`,
    );
  }
  const tensors = Object.entries(batch);
  const size = tensors[0]?.[1].shape[0];
  if (size === undefined || tensors.some(([, { shape }]) => shape[0] !== size)) {
    const shapes = tensors.map(([name, { shape }]) => `${name} [${shape}]`).join(', ');
    throw new RangeError(
      `accumulateGradients: expected tensors with one number of examples along the first axis, got ${shapes || 'none'}. Close over what belongs to no example.`,
    );
  }
  if (size === 0 || size % steps !== 0) {
    throw new RangeError(
      `accumulateGradients: expected a batch that ${steps} steps divide, got ${size} examples. Drop the last batch of an epoch, or fill it up.`,
    );
  }
  return size / steps;
}

function addTo(before: Total | null, result: MicroBatchResult): Total {
  const { gradients, ...others } = result;
  if (!(result.loss instanceof tf.Tensor) || result.loss.rank !== 0 || !gradients) {
    throw new TypeError(
      'accumulateGradients: expected the function to return { loss, gradients } with a scalar loss. Return the mean over the micro-batch.',
    );
  }
  const entries = Object.entries(others as tf.NamedTensorMap);
  const scalars = Object.fromEntries(entries.filter(([, { rank }]) => rank === 0));
  const joined = entries.filter(([, { rank }]) => rank > 0);
  // A clone, because the sums are disposed of, and what the function returned may be somebody's.
  const sum = (sums: tf.NamedTensorMap | undefined, values: tf.NamedTensorMap) => {
    checkSameNames(sums, values);
    return mapValues(values, (value, name) =>
      sums ? tf.add(sums[name]!, value) : tf.clone(value),
    );
  };
  return {
    gradients: sum(before?.gradients, gradients),
    scalars: sum(before?.scalars, scalars),
    parts: Object.fromEntries(
      joined.map(([name, part]) => [name, [...(before?.parts[name] ?? []), tf.clone(part)]]),
    ),
  };
}

function checkSameNames(sums: tf.NamedTensorMap | undefined, values: tf.NamedTensorMap): void {
  const [had, has] = [Object.keys(sums ?? values).sort(), Object.keys(values).sort()];
  if (`${had}` !== `${has}`) {
    throw new Error(
      `accumulateGradients: expected the same tensors of every micro-batch, got ${has} after ${had}. Return them under the same names each time.`,
    );
  }
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value, key)]),
  );
}
