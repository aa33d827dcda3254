import * as tf from '@tensorflow/tfjs-core';
import { checkNotNegative } from './hyper-parameters.ts';
import type { Optimizer } from './optimizer.ts';
import type { NamedVariables } from './parameters.ts';

/** Options of `toTfjsOptimizer`. */
export interface TfjsOptimizerOptions {
  /** Learning rate until `setLearningRate`, >= 0. */
  readonly learningRate: number;
  /** Under which name `model.save` with `includeOptimizer` writes it and `tf.loadLayersModel` looks for it. Default: `BagOfTricks`. */
  readonly name?: string;
}

/** A `tf.Optimizer` whose learning rate can be set before each step. */
export interface TfjsOptimizer extends tf.Optimizer {
  setLearningRate(learningRate: number): void;
}

/** tfjs's own type, which it does not export. */
type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number];

type Create = (parameters: NamedVariables) => Optimizer;

const iterations = 'iter';
/** A model's own weights are saved under the names of its variables, so that the state needs others. */
const prefix = 'optimizer/';

class Adapter extends tf.Optimizer implements TfjsOptimizer {
  readonly #create: Create;
  #learningRate = 0;
  #optimizer: Optimizer | undefined;
  /** State that was set before the parameters were known. */
  #loaded: tf.Tensor[] = [];
  /** What `getWeights` returned: whoever calls it, such as `model.save`, reads it and never disposes it. */
  #lent: NamedTensor[] = [];

  constructor(create: Create, learningRate: number) {
    super();
    this.#create = create;
    this.setLearningRate(learningRate);
  }

  setLearningRate(learningRate: number): void {
    checkNotNegative('toTfjsOptimizer', 'learningRate', learningRate);
    this.#learningRate = learningRate;
  }

  override applyGradients(gradients: tf.NamedTensorMap | NamedTensor[]): void {
    const byName = Array.isArray(gradients)
      ? Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor]))
      : gradients;
    this.#takeBack();
    this.#optimizer ??= this.#optimizerOf(Object.keys(byName));
    const optimizer = this.#optimizer;
    tf.tidy(() => optimizer.applyGradients(byName, tf.scalar(this.#learningRate)));
    this.incrementIterations();
  }

  #optimizerOf(names: readonly string[]): Optimizer {
    const variables = tf.engine().registeredVariables;
    const optimizer = this.#create(
      Object.fromEntries(names.map((name) => [name, variables[name]!])),
    );
    if (this.#loaded.length > 0) {
      try {
        setStateInOrder(optimizer, this.#loaded);
      } catch (error) {
        optimizer.dispose();
        throw error;
      }
      tf.dispose(this.#loaded);
      this.#loaded = [];
    }
    return optimizer;
  }

  #takeBack(): void {
    for (const { tensor } of this.#lent) tensor.dispose();
    this.#lent = [];
  }

  /** The count of steps and the state; the tensors are valid until the next step or the next call. */
  override async getWeights(): Promise<NamedTensor[]> {
    this.#takeBack();
    const state: tf.NamedTensorMap = this.#optimizer
      ? this.#optimizer.getState()
      : Object.fromEntries(this.#loaded.map((tensor, i) => [i, tensor.clone()]));
    const count = { name: iterations, tensor: tf.scalar(this.iterations, 'int32') };
    const named = Object.entries(state).map(([name, tensor]) => ({ name: prefix + name, tensor }));
    this.#lent = [count, ...named];
    return this.#lent;
  }

  /** Restores what `getWeights` returned, in its order: tfjs may name the variables of a loaded model anew. */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    const tensors = weights.slice(1).map(({ tensor }) => tensor);
    if (weights[0]?.name !== iterations) {
      throw new Error(
        `setWeights: expected '${iterations}' first, as getWeights returns it, got ${weights[0]?.name ?? 'nothing'}. Give all that getWeights returned, in its order.`,
      );
    }
    if (this.#optimizer) {
      setStateInOrder(this.#optimizer, tensors);
    } else {
      tf.dispose(this.#loaded);
      this.#loaded = tensors.map((tensor) => tensor.clone());
    }
    await this.extractIterations(weights);
  }

  override getConfig(): { learningRate: number } {
    return { learningRate: this.#learningRate };
  }

  override dispose(): void {
    this.#takeBack();
    tf.dispose(this.#loaded);
    this.#loaded = [];
    this.#optimizer?.dispose();
    this.#optimizer = undefined;
  }
}

function setStateInOrder(optimizer: Optimizer, tensors: readonly tf.Tensor[]): void {
  const state = optimizer.getState();
  const names = Object.keys(state);
  tf.dispose(state);
  if (names.length !== tensors.length) {
    throw new Error(
      `setWeights: expected the ${names.length} tensors of this optimiser's state, got ${tensors.length}. Was the model saved with another optimiser, or with other layers trainable?`,
    );
  }
  optimizer.setState(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
}

/**
 * Makes a `tf.Optimizer`, such as `model.compile` takes, of one that `nesterovSgd`, `adamw` or `groupedOptimizer` makes.
 *
 * `create` is called at the first step, with the variables that tfjs trains, under their names; `learningRate` (>= 0) holds until
 * `setLearningRate`. The optimiser is registered under `name`: `tf.loadLayersModel` compiles a model that was saved with
 * `includeOptimizer` with the `create` that was last given under this name, and goes on from the saved state. Make the
 * optimiser before you load.
 *
 * @example
 * ```ts
 * import { groupedOptimizer, toTfjsOptimizer } from '@bag-of-tricks/optimizer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const optimizer = toTfjsOptimizer(
 *   (parameters) =>
 *     groupedOptimizer(parameters, {
 *       name: 'sgd',
 *       weightDecay: 0,
 *       slots: {},
 *       formula: () => () => ({ weight, gradient, learningRate }) => ({
 *         weight: tf.sub(weight, tf.mul(gradient, learningRate)),
 *       }),
 *     }),
 *   { learningRate: 0.1 },
 * );
 * model.compile({ optimizer, loss: 'meanSquaredError' });
 * await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0 });
 * ```
 *
 * Where implementations differ: tfjs's own optimisers skip a variable without a gradient; here it is an error, as in `applyGradients`.
 *
 * @throws RangeError for a learning rate out of range.
 */
export function toTfjsOptimizer(
  create: Create,
  { learningRate, name = 'BagOfTricks' }: TfjsOptimizerOptions,
): TfjsOptimizer {
  class Named extends Adapter {
    static readonly className = name;
    constructor(config: { readonly learningRate: number }) {
      super(create, config.learningRate);
    }
  }
  tf.serialization.registerClass(Named);
  return new Named({ learningRate });
}
