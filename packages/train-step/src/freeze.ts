import type { Network } from './network.ts';

/**
 * The network with only a part of its parameters to train: the others are kept as buffers, no gradient is computed for them, and
 * batch norms that are wholly among them keep their running statistics. Both share their variables.
 *
 * @example
 * ```ts
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { freeze } from '@bag-of-tricks/train-step';
 * import { createNetwork } from '@bag-of-tricks/trainer';
 *
 * await registerTensorFlowBackend();
 * const options = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
 * const network = createNetwork('resnet20d', options);
 * const head = freeze(network, (name) => !name.startsWith('fc.'));
 * console.log(Object.keys(head.parameters)); // [ 'fc.weight', 'fc.bias' ]
 * ```
 *
 * @throws Error when the network does not say where its parameters are, or when nothing is left to train.
 */
export function freeze(network: Network, isFrozen: (name: string) => boolean): Network {
  const entries = Object.entries(network.parameters);
  const still = entries.filter(([name]) => isFrozen(name));
  if (still.length === 0) return network;
  if (!network.groups) {
    throw new Error(
      `freeze: expected a network with \`groups\`, which knows layers that are frozen, got ${network.name} without them. In a model of tf.layers, set layer.trainable = false before fromLayersModel`,
    );
  }
  if (still.length === entries.length) {
    throw new Error(
      `freeze: expected something that is left to train, got all ${entries.length} parameters of ${network.name}. Freeze fewer`,
    );
  }
  const frozen: ReadonlySet<string> = new Set(still.map(([name]) => name));
  const { features, logits, toStateDict, loadStateDict } = network;
  return {
    name: network.name,
    groups: network.groups,
    parameters: Object.fromEntries(entries.filter(([name]) => !frozen.has(name))),
    buffers: { ...network.buffers, ...Object.fromEntries(still) },
    apply: (images, options) => network.apply(images, { ...options, frozen }),
    ...(features && {
      features: (images, options) => features.call(network, images, { ...options, frozen }),
    }),
    ...(logits && { logits: (given) => logits.call(network, given) }),
    ...(toStateDict && { toStateDict: () => toStateDict.call(network) }),
    ...(loadStateDict && { loadStateDict: (dict) => loadStateDict.call(network, dict) }),
    dispose: () => network.dispose(),
  };
}
