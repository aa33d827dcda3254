import type { NamedVariables } from '@bag-of-tricks/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/** A weight of tf.layers. */
interface Weight {
  readonly originalName: string;
}

/** A layer of tf.layers, as far as it is looked at; one that is a model has layers of its own. */
interface Layer {
  readonly name: string;
  readonly weights: readonly Weight[];
  getClassName(): string;
}

/** A `tf.LayersModel`, as far as it is used: so that nobody needs tf.layers for its types. */
export interface LayersModelLike {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputs: readonly unknown[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly trainableWeights: readonly Weight[];
  readonly nonTrainableWeights: readonly Weight[];
  apply(inputs: tf.Tensor, options: { training: boolean }): unknown;
  dispose(): unknown;
}

/** A layer with an activation function, as dense and activation layers have it. */
interface Activated {
  activation?: { getClassName?(): string; apply(x: tf.Tensor, axis?: number): tf.Tensor };
}

/** What stands in the place of a softmax; a dense layer asks for the name too. */
const linear = { getClassName: () => 'linear', apply: (x: tf.Tensor) => x };

const layersOf = (layer: Layer) => (layer as { readonly layers?: readonly Layer[] }).layers;

/** Layers that give the numbers another shape and leave them as they are. */
const reshaping = ['Flatten', 'Reshape', 'InputLayer'];

/** The layer that computes the output: the last one, nested models looked into. */
function headOf(layers: readonly Layer[]): Layer | null {
  const last = layers.findLast((layer) => !reshaping.includes(layer.getClassName()));
  const nested = last && layersOf(last);
  return nested ? headOf(nested) : (last ?? null);
}

/**
 * The layer that turns logits to probabilities, if there is one.
 *
 * @throws TypeError when the model ends in another activation.
 */
function softmaxLayer({ layers }: LayersModelLike): Layer | null {
  const head = headOf(layers);
  if (head === null) return null;
  const name = head.getClassName();
  const activation = (head as unknown as Activated).activation?.getClassName?.();
  if (name === 'Softmax' || activation === 'softmax') return head;
  const other = /^(.*ReLU|ELU)$/.test(name) ? name : activation;
  if (other === undefined || other === 'linear') return null;
  throw new TypeError(
    `fromLayersModel: expected a model that ends in logits or a softmax, got ${other} in its last layer ${head.name}. Leave the activation out: the loss takes logits (for a sigmoid of each class, loss 'bce')`,
  );
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

/**
 * The names of all weights by their place in the model, such as `4.kernel`, or `2.0.kernel` in a nested model: those that tf.layers
 * gives count the layers of the process, so that the same model made twice would not have them twice.
 */
function namesByPlace(layers: readonly Layer[], above = ''): Map<Weight, string> {
  const names = new Map<Weight, string>();
  for (const [i, layer] of layers.entries()) {
    const nested = layersOf(layer);
    if (nested) {
      for (const [weight, name] of namesByPlace(nested, `${above}${i}.`)) names.set(weight, name);
      continue;
    }
    const parts = layer.weights.map(({ originalName }) => originalName.split('/').at(-1)!);
    for (const [n, weight] of layer.weights.entries()) {
      const same = parts.slice(0, n).filter((part) => part === parts[n]).length;
      names.set(weight, `${above}${i}.${parts[n]}${same > 0 ? `_${same}` : ''}`);
    }
  }
  return names;
}

/** Layer weights as variables by their names. */
function named(weights: readonly Weight[], names: ReadonlyMap<Weight, string>): NamedVariables {
  // tf.layers keeps its variable in a field that it does not declare public.
  const variableOf = (weight: unknown) => (weight as { readonly val: tf.Variable }).val;
  return Object.fromEntries(
    weights.map((weight) => [names.get(weight) ?? weight.originalName, variableOf(weight)]),
  );
}

/**
 * Makes a network of a `tf.layers` classifier with one input and one output `[batch, classes]`, dropout and batch norm included.
 * A softmax at its end is left out while it is trained, for the loss takes logits. The model stays the caller's, who disposes it.
 * Its weights are named by their place in the model, such as `4.kernel`: equal models have equal names.
 *
 * @example
 * ```ts
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { fromLayersModel } from '@bag-of-tricks/train-step';
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
 * @throws TypeError when the model has several inputs or outputs, its output is no row of classes, or it ends in an activation other than softmax.
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
  const names = namesByPlace(model.layers);
  return {
    name,
    parameters: named(model.trainableWeights, names),
    buffers: named(model.nonTrainableWeights, names),
    apply: (images, { training }) =>
      tf.tidy(() =>
        withoutSoftmax(softmax, () => model.apply(images, { training }) as tf.Tensor2D),
      ),
    dispose: () => void model.dispose(),
  };
}
