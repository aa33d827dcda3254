import * as tf from '@tensorflow/tfjs-core';
import type { CommonConfig } from './config.ts';
import type { VariableMap } from './conv-norm.ts';
import { type GroupRules, type LayerGroup, layerGroups } from './groups.ts';
import { dense } from './head.ts';
import { initialValues } from './init.ts';
import { type Layers, tensorLayers } from './layers.ts';
import { isBuffer, type ParameterSpec } from './parameters.ts';
import { loadStateDict, type StateDict, toStateDict } from './state-dict.ts';
import type { UniformTensor } from './stochastic-depth.ts';

export interface ApplyOptions {
  /** true: batch statistics, and the running ones are updated. false: running statistics. */
  readonly training: boolean;
  /**
   * What stochastic depth draws with: a float32 tensor of the shape, uniform in [0, 1), for each block that may be dropped.
   * Default `tf.randomUniform`.
   */
  readonly random?: UniformTensor;
  /** Names of parameters that are not trained. A batch norm of such ones takes and keeps its running statistics in training too. Default: none. */
  readonly frozen?: ReadonlySet<string>;
}

/** What a network is built by, whatever else its configuration holds. */
export type ClassifierConfig = Pick<CommonConfig, 'name' | 'inputChannels' | 'init' | 'seed'>;

/** A network: its variables under timm's names and a function from images to logits. */
export interface Classifier<Config extends ClassifierConfig> {
  readonly name: string;
  readonly config: Config;
  /** The trainable variables, keyed by timm's names in timm's order; kernels HWIO, the dense layer [in, out]. */
  readonly parameters: VariableMap;
  /** The running means and variances of the batch norms, keyed by timm's names. */
  readonly buffers: VariableMap;
  /** The parameters by their place in the network, from the images to the logits; where the definition says it. */
  readonly groups?: readonly LayerGroup[];
  /** Images [batch, height, width, inputChannels] in float32 to logits [batch, numClasses]. */
  apply(images: tf.Tensor4D, options: ApplyOptions): tf.Tensor2D;
  /** What the last layer sees of images, [batch, features]: the means of the feature maps over height and width. */
  features(images: tf.Tensor4D, options: ApplyOptions): tf.Tensor2D;
  /** The last layer, features to logits: `apply` is `logits` of `features`. */
  logits(features: tf.Tensor2D): tf.Tensor2D;
  /**
   * The forward pass that `apply` runs with tensors, in other layers: images to logits. It uses every parameter and buffer once; an
   * exporter's layers emit nodes of a graph where those of `apply` compute.
   */
  forward<T>(images: T, layers: Layers<T>): T;
  /** `toStateDict` of this model. */
  toStateDict(): Promise<StateDict>;
  /** `loadStateDict` of this model, with every key needed and none unknown. */
  loadStateDict(dict: StateDict): void;
  /** Frees every variable; the model cannot be used afterwards. */
  dispose(): void;
}

/** TensorFlow.js refuses two variables of one name, and a teacher and a student are often the same network. */
function unusedScope(name: string, variable: string): string {
  const taken = tf.engine().registeredVariables;
  let copy = 0;
  while (`${name}_${copy}/${variable}` in taken) copy++;
  return `${name}_${copy}`;
}

function createVariable(spec: ParameterSpec, config: ClassifierConfig, scope: string): tf.Variable {
  return tf.tidy(() => {
    const initial = tf.tensor(initialValues(spec, config), [...spec.shape], 'float32');
    return tf.variable(initial, !isBuffer(spec), `${scope}/${spec.name}`);
  });
}

function expectImages(images: tf.Tensor4D, { inputChannels }: ClassifierConfig): void {
  if (images.rank !== 4 || images.shape[3] !== inputChannels || images.dtype !== 'float32') {
    throw new TypeError(
      `apply: expected float32 images of shape [batch, height, width, ${inputChannels}], ` +
        `got ${images.dtype} of shape [${images.shape}].`,
    );
  }
  if (images.size === 0) {
    throw new RangeError(`apply: expected at least one pixel, got shape [${images.shape}].`);
  }
}

/** What makes one network another: its tensors in timm's order, and what it computes with them. */
export interface Definition {
  readonly specs: readonly ParameterSpec[];
  /** How the names of its parameters say which block they are of. Default: they do not. */
  readonly block?: GroupRules['block'];
  /** The name of the dense layer after the average. */
  readonly head: string;
  /** Images to the feature maps before the average, [batch, height, width, features]. */
  readonly maps: <T>(images: T, layers: Layers<T>) => T;
}

/** Makes a network of its definition: variables with initial values, drawn by `config.seed`, and the methods around them. */
export function buildClassifier<Config extends ClassifierConfig>(
  config: Config,
  { specs, block, head, maps }: Definition,
): Classifier<Config> {
  const scope = unusedScope(config.name, specs[0]!.name);
  const parameters: Record<string, tf.Variable> = {};
  const buffers: Record<string, tf.Variable> = {};
  for (const spec of specs) {
    (isBuffer(spec) ? buffers : parameters)[spec.name] = createVariable(spec, config, scope);
  }
  const features = <T>(images: T, layers: Layers<T>) => layers.channelMeans(maps(images, layers));
  const model: Classifier<Config> = {
    name: config.name,
    config,
    parameters,
    buffers,
    ...(block && { groups: layerGroups(Object.keys(parameters), { block, head }) }),
    toStateDict: () => toStateDict(model),
    loadStateDict: (dict) => void loadStateDict(model, dict),
    features(images, { training, random = (shape) => tf.randomUniform([...shape]), frozen }) {
      expectImages(images, config);
      const context = { parameters, buffers, training, random, frozen };
      return tf.tidy(() => features<tf.Tensor>(images, tensorLayers(context)) as tf.Tensor2D);
    },
    logits: (features) => tf.tidy(() => dense(features, head, { parameters })),
    apply: (images, options) => tf.tidy(() => model.logits(model.features(images, options))),
    forward: (images, layers) => layers.dense(features(images, layers), head),
    dispose: () => tf.dispose([Object.values(parameters), Object.values(buffers)]),
  };
  return model;
}
