import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables, Network } from './network.ts';

/** A layer of tf.layers, as far as it is looked at. */
interface Layer {
  getClassName(): string;
}

/** A `tf.LayersModel`, as far as it is used: so that nobody needs tf.layers for its types. */
export interface LayersModelLike {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputs: readonly unknown[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly trainableWeights: readonly { readonly originalName: string }[];
  readonly nonTrainableWeights: readonly { readonly originalName: string }[];
  apply(inputs: tf.Tensor, options: { training: boolean }): unknown;
  dispose(): unknown;
}

/** A layer with an activation function, as dense and activation layers have it. */
interface Activated {
  activation?: { getClassName?(): string; apply(x: tf.Tensor, axis?: number): tf.Tensor };
}

/** What stands in the place of a softmax; a dense layer asks for the name too. */
const linear = { getClassName: () => 'linear', apply: (x: tf.Tensor) => x };

/** The last layer, if it turns logits to probabilities. */
function softmaxLayer({ layers }: LayersModelLike): Layer | null {
  const last = layers.at(-1)!;
  const name = last.getClassName();
  const activation = (last as unknown as Activated).activation?.getClassName?.();
  return name === 'Softmax' || activation === 'softmax' ? last : null;
}

/** Runs `compute` while the layer returns what it is given, or what its own activation would be given. */
function withoutSoftmax<T>(layer: Layer | null, compute: () => T): T {
  if (layer === null) return compute();
  const changed = layer as unknown as Activated & { call?: unknown };
  const { activation } = changed;
  const isSoftmax = layer.getClassName() === 'Softmax';
  if (isSoftmax) changed.call = (inputs: tf.Tensor | tf.Tensor[]) => [inputs].flat()[0];
  else changed.activation = linear;
  try {
    return compute();
  } finally {
    if (isSoftmax) delete changed.call;
    else if (activation) changed.activation = activation;
  }
}

/** Layer weights by the names that tf.layers gave them, which are unique within a model. */
function named(weights: LayersModelLike['trainableWeights']): NamedVariables {
  // tf.layers keeps its variable in a field that it does not declare public.
  const variableOf = (weight: unknown) => (weight as { readonly val: tf.Variable }).val;
  return Object.fromEntries(weights.map((weight) => [weight.originalName, variableOf(weight)]));
}

/**
 * Makes a network of a `tf.layers` classifier with one input and one output `[batch, classes]`, dropout and batch norm included.
 * A softmax at its end is left out while it is trained, for the loss takes logits. The model stays the caller's, who disposes it.
 *
 * @example
 * ```ts
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { fromLayersModel } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerTensorFlowBackend();
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.flatten({ inputShape: [28, 28, 1] }),
 *     tf.layers.dropout({ rate: 0.2 }),
 *     tf.layers.dense({ units: 10, activation: 'softmax' }),
 *   ],
 * });
 * const network = fromLayersModel(model, { name: 'perceptron' });
 * ```
 *
 * @throws TypeError when the model has several inputs or outputs, or its output is no row of classes.
 */
export function fromLayersModel(
  model: LayersModelLike,
  { name = model.name }: { readonly name?: string } = {},
): Network {
  const [output] = model.outputs;
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || output?.shape.length !== 2) {
    const shapes = model.outputs.map(({ shape }) => `[${shape.map((size) => size ?? 'any')}]`);
    throw new TypeError(
      `fromLayersModel: expected a model with one input and one output [batch, classes], got ${model.inputs.length} inputs and outputs ${shapes.join(', ')}. Build one for classification`,
    );
  }
  const softmax = softmaxLayer(model);
  return {
    name,
    parameters: named(model.trainableWeights),
    buffers: named(model.nonTrainableWeights),
    apply: (images, { training }) =>
      tf.tidy(() =>
        withoutSoftmax(softmax, () => model.apply(images, { training }) as tf.Tensor2D),
      ),
    dispose: () => void model.dispose(),
  };
}
