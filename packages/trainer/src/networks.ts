import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import * as resNets from '@bag-of-tricks/resnet-variants';
import { type NetworkFamily, networkRegistry } from '@bag-of-tricks/train-step';

const familyFrom = ({ modelNames, createModel }: typeof resNets | typeof mobileNets) => ({
  names: modelNames,
  create: createModel as NetworkFamily['create'],
});

const registry = networkRegistry(familyFrom(resNets), familyFrom(mobileNets));

/** What a network takes of a 224-pixel image, from its shapes; undefined of one that was registered. */
export function countsOf(name: string) {
  const family = [resNets, mobileNets].find(({ modelNames }) => modelNames().includes(name));
  return (
    family && {
      multiplyAdds: family.countMultiplyAdds(name),
      activations: family.countActivations(name),
      isDepthwise: family === mobileNets,
    }
  );
}

/** The sentence that says why a name is no network, or none. */
export const networkProblems = registry.problems;

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
export const registerNetworks = registry.register;

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
export const createNetwork = registry.create;
