import type { NamedVariables } from '@bag-of-tricks/optimizer';
import type * as tf from '@tensorflow/tfjs-core';
import { nearestName } from './nearest.ts';

/** An array with its shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Arrays by stable names, as they are saved. */
export type StateDict = Readonly<Record<string, NamedArray>>;

/** Parameters that lie together in a network, such as a block. */
export interface LayerGroup {
  /** `stem`, `stage1` and so on, or `head`; a stage may have several groups. */
  readonly stage: string;
  readonly parameters: readonly string[];
}

/** A network that can be trained: `resnet-variants` makes such, and so does `fromLayersModel` of any `tf.layers` classifier. */
export interface Network {
  readonly name: string;
  /** What is trained, by stable names. */
  readonly parameters: NamedVariables;
  /** What else is saved, such as running statistics. */
  readonly buffers: NamedVariables;
  /** The parameters by their place, from the images to the logits, the head last; what has groups can be frozen. Default: nothing is known. */
  readonly groups?: readonly LayerGroup[];
  /**
   * float32 images `[batch, height, width, channels]` to logits `[batch, classes]`; in training it may assign buffers and draw numbers.
   * Layers whose parameters are all `frozen`, by name, assign no buffers.
   */
  apply(
    images: tf.Tensor4D,
    options: { readonly training: boolean; readonly frozen?: ReadonlySet<string> },
  ): tf.Tensor2D;
  /** What the last layer sees of images, `[batch, features]`; with `logits`, a linear probe can be trained. Default: nothing is known. */
  features?(
    images: tf.Tensor4D,
    options: { readonly training: boolean; readonly frozen?: ReadonlySet<string> },
  ): tf.Tensor2D;
  /** The last layer alone: `apply` is `logits` of `features`. Its parameters are the group `head`. */
  logits?(features: tf.Tensor2D): tf.Tensor2D;
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

/** Networks that are known by their names. */
export interface NetworkRegistry {
  /** Adds networks; the newest family wins. */
  register(family: NetworkFamily): void;
  /** Of every family, the newest first. */
  names(): string[];
  /** The sentence that says why `name` is no network, or none. */
  problems(name: string): string[];
  /** Builds the network of that name, freshly initialised; an error when no family knows the name. */
  create(name: string, options: NetworkOptions): Network;
}

/**
 * A registry of networks by their names, with a family to begin with.
 *
 * @example
 * ```ts
 * import { createModel, modelNames } from '@bag-of-tricks/resnet-variants';
 * import { networkRegistry } from '@bag-of-tricks/train-step';
 *
 * const networks = networkRegistry({ names: modelNames, create: createModel });
 * console.log(networks.problems('resnet50D')); // [ "model: expected a network such as ..." ]
 * ```
 */
export function networkRegistry(...families: NetworkFamily[]): NetworkRegistry {
  const familyOf = (name: string) => families.find(({ names }) => names().includes(name));
  const allNames = () => families.flatMap(({ names }) => names());
  const problems = (name: string) => {
    if (familyOf(name)) return [];
    const near = nearestName(name, allNames());
    return [
      `model: expected a network such as resnet50d or resnet20d, got '${name}'.${near ? ` Did you mean '${near}'?` : ''} A network of your own is passed to fit as \`network\`, or registered by a --plugin`,
    ];
  };
  return {
    register: (family) => void families.unshift(family),
    names: allNames,
    problems,
    create(name, options) {
      const family = familyOf(name);
      if (!family) throw new Error(problems(name)[0]);
      return family.create(name, options);
    },
  };
}
