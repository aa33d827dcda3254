import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import * as resNets from '@bag-of-tricks/resnet-variants';
import type * as tf from '@tensorflow/tfjs-core';
import type { NamedArray } from '../checkpoint/tensors.ts';
import { nearestName } from '../nearest.ts';

/** Variables by stable names. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** Arrays by stable names, as they stand in `model.safetensors`. */
export type StateDict = Readonly<Record<string, NamedArray>>;

/** A network that can be trained: `resnet-variants` and `mobilenet-variants` make such, and so does `fromLayersModel` of any `tf.layers` classifier. */
export interface Network {
  readonly name: string;
  /** What is trained, by stable names. */
  readonly parameters: NamedVariables;
  /** What else is saved, such as running statistics. */
  readonly buffers: NamedVariables;
  /** float32 images `[batch, height, width, channels]` to logits `[batch, classes]`; in training it may assign buffers and draw numbers. */
  apply(images: tf.Tensor4D, options: { readonly training: boolean }): tf.Tensor2D;
  /** The values as they are saved. Default: all variables under their names, in TensorFlow.js's layouts. */
  toStateDict?(): Promise<StateDict>;
  /** Takes what `toStateDict` gave, or throws and changes nothing. */
  loadStateDict?(dict: StateDict): void;
  dispose(): void;
}

/** What a network is built for, and the options that tricks add, each by its own name. */
export interface NetworkOptions {
  readonly numClasses: number;
  readonly inputChannels: number;
  readonly init: 'xavier' | 'he';
  readonly seed: number;
  readonly [option: string]: unknown;
}

/** Networks that are built by their names. */
export interface NetworkFamily {
  readonly names: () => readonly string[];
  create(name: string, options: NetworkOptions): Network;
}

/** Networks of our packages begin with zero gamma only where the trick asks for it. */
const familyFrom = ({ modelNames, createModel }: typeof resNets | typeof mobileNets) => ({
  names: modelNames,
  create: (name: string, options: NetworkOptions) =>
    createModel(name, { zeroGamma: false, ...options }),
});

const families: NetworkFamily[] = [familyFrom(resNets), familyFrom(mobileNets)];

/**
 * Adds networks to those that a recipe and the command line know by name; the newest family wins.
 *
 * @example
 * ```ts
 * import { createNetwork, registerNetworks } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * registerNetworks({
 *   names: () => ['linear8'],
 *   create(name, { numClasses, inputChannels }) {
 *     const weight = tf.variable(tf.zeros<tf.Rank.R2>([64 * inputChannels, numClasses]));
 *     return {
 *       name,
 *       parameters: { weight },
 *       buffers: {},
 *       apply: (images) =>
 *         tf.tidy(() => tf.matMul(tf.reshape(images, [-1, 64 * inputChannels]), weight as tf.Tensor2D)),
 *       dispose: () => weight.dispose(),
 *     };
 *   },
 * });
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * console.log(createNetwork('linear8', options).name); // the model 'linear8' of a recipe is this one
 * ```
 */
export function registerNetworks(family: NetworkFamily): void {
  families.unshift(family);
}

const familyOf = (name: string) => families.find(({ names }) => names().includes(name));

/** The sentence that says why `name` is no network, or none. */
export function networkProblems(name: string): string[] {
  if (familyOf(name)) return [];
  const near = nearestName(
    name,
    families.flatMap(({ names }) => names()),
  );
  return [
    `model: expected a network such as resnet50d or resnet20d, got '${name}'.${near ? ` Did you mean '${near}'?` : ''} A network of your own is passed to fit as \`network\`, or registered by a --plugin`,
  ];
}

/**
 * Builds the network of that name, freshly initialised.
 *
 * @example
 * ```ts
 * import { createNetwork } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs';
 *
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const logits = network.apply(tf.zeros([1, 8, 8, 3]), { training: false });
 * console.log(logits.shape); // [ 1, 4 ]
 * ```
 *
 * @throws Error when no family knows the name.
 */
export function createNetwork(name: string, options: NetworkOptions): Network {
  const family = familyOf(name);
  if (!family) throw new Error(networkProblems(name)[0]);
  return family.create(name, options);
}
