import type { InferenceDescription } from '@bag-of-tricks/classifier';
import {
  checkClassNames,
  type FoundWeights,
  namesOfWeights,
  type StateDict,
  type Weights,
} from '@bag-of-tricks/pretrained';
import { describeAssumed, forChannels } from '../config/from-weights.ts';
import { networkOf } from '../networks.ts';

/** What timm takes where weights do not say it, on the scale 0..255. */
const timmDefaults = {
  imageSize: 224,
  channels: 3,
  cropPct: 0.875,
  interpolation: 'bicubic',
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};

type Filter = InferenceDescription['interpolation'];
const filters: readonly string[] = ['bilinear', 'bicubic', 'lanczos'] satisfies Filter[];

/** Rows of the last dense layer. */
const classesOf = (dict: StateDict): number =>
  Object.entries(dict).findLast(
    ([name, { shape }]) => shape.length === 2 && name.endsWith('.weight'),
  )?.[1].shape[0] ?? 0;

/** The network that weights are of, where no setting can say it. */
export const modelIn = (weights: FoundWeights): string =>
  networkOf(
    weights,
    "Put the name in front of the file's, as in resnet50d.safetensors, or timm's config.json beside it",
  );

/** A description, and a sentence of what in it was not known and is timm's default; null where all was known. */
export interface DescribedWeights {
  readonly description: InferenceDescription;
  readonly assumed: string | null;
}

/**
 * The description of weights that stand alone or beside timm's `config.json`; what is not said is as in timm, and named.
 *
 * @throws Error when nothing says which network it is, it has no classes, or the names are of another number.
 */
export function describeWeights(
  weights: Weights,
  dict: StateDict,
  given?: readonly string[],
): DescribedWeights {
  const { source, input } = weights;
  const model = modelIn(weights);
  const numClasses = classesOf(dict);
  const classNames =
    given ?? weights.classNames ?? Array.from({ length: numClasses }, (_, i) => `class ${i}`);
  if (numClasses === 0) {
    throw new Error(
      `weights ${source}: expected a last layer with classes, got none. Give the weights of a classifier`,
    );
  }
  const from = `weights ${source}: ${given ? '--class-names' : namesOfWeights}`;
  checkClassNames(classNames, { numClasses, from });
  const known = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const { imageSize, channels, cropPct, interpolation, mean, std }: typeof timmDefaults = {
    ...timmDefaults,
    ...known,
  };
  if ((channels !== 1 && channels !== 3) || !filters.includes(interpolation)) {
    throw new Error(
      `weights ${source}: expected images of 1 or 3 channels and an interpolation of ${filters.join(', ')}, got ${channels} and ${interpolation}. Correct the config.json`,
    );
  }
  const description: InferenceDescription = {
    ...{ model, classNames, imageSize, channels },
    evalResize: Math.floor(imageSize / cropPct),
    interpolation: interpolation as Filter,
    ...{ antialias: true, exifOrientation: false },
    ...{ mean: forChannels(mean, channels), std: forChannels(std, channels) },
  };
  const assumed = Object.entries(timmDefaults).filter(([name]) => !(name in known));
  const as = 'as timm does without a config.json';
  return { description, assumed: assumed.length > 0 ? describeAssumed(assumed, as) : null };
}
