import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as mobileNets from '@bag-of-tricks/mobilenet-variants';
import type { FoundWeights } from '@bag-of-tricks/pretrained';
import * as resNets from '@bag-of-tricks/resnet-variants';
import {
  ConfigError,
  type NetworkFamily,
  nearestName,
  networkRegistry,
} from '@bag-of-tricks/train-step';

/** The packages of networks by the names of their modules for PyTorch. */
const packages = {
  'resnet-variants/python/resnet_variants.py': resNets,
  'mobilenet-variants/python/mobilenet_variants.py': mobileNets,
};

/** The package that a network of ours is from. */
const packageOf = (model: string) =>
  Object.entries(packages).find(([, { modelNames }]) => modelNames().includes(model));

/** The module that builds a network of ours in PyTorch, by its file name; none for a network of others. */
export async function pythonDefinition(model: string): Promise<Readonly<Record<string, string>>> {
  const [path] = packageOf(model) ?? [];
  if (path === undefined) return {};
  const [name, folder, file] = path.split('/');
  const manifest = import.meta.resolve(`@bag-of-tricks/${name}/package.json`);
  return { [file!]: await readFile(new URL(`${folder}/${file}`, manifest), 'utf8') };
}

const familyFrom = ({ modelNames, createModel }: typeof resNets | typeof mobileNets) => ({
  names: modelNames,
  create: createModel as NetworkFamily['create'],
});

const registry = networkRegistry(familyFrom(resNets), familyFrom(mobileNets));

/** What a network takes of a 224-pixel image, from its shapes; undefined of one that was registered. */
export function countsOf(name: string) {
  const [, family] = packageOf(name) ?? [];
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

const words = (text: string) => `_${text.replace(/[^a-z\d]+/gi, '_')}_`;

/** The longest name of a network that stands in a text as words of its own, if there is one. */
function nameIn(text: string): string | undefined {
  const within = registry.names().filter((name) => words(text).includes(words(name)));
  const longest = Math.max(...within.map(({ length }) => length));
  const [first, ...others] = new Set(within.filter(({ length }) => length === longest));
  return others.length === 0 ? first : undefined;
}

/**
 * The network of weights: what they say, or the longest name in the file's, as in `cifar10_resnet20_pad.safetensors`; whether they fit it
 * is seen when they are loaded.
 */
export function networkOf({ architecture, source }: FoundWeights, remedy: string): string {
  if (architecture !== null) {
    const file = basename(source, '.safetensors');
    const name = registry.names().includes(architecture)
      ? architecture
      : nameIn(file.startsWith(architecture) ? file : architecture);
    if (name !== undefined) return name;
  }
  const near = architecture && nearestName(architecture, registry.names());
  const problem = architecture === null ? 'nothing says which' : `got '${architecture}'`;
  throw new ConfigError(
    `weights ${source}: expected those of a network that is known by name, ${problem}. ${near ? `Did you mean '${near}'? ` : ''}${remedy}`,
  );
}

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
