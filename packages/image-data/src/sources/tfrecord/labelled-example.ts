import { listNames } from '../display-name.ts';
import { MAX_CLASSES } from '../shards/shard-entry.ts';
import { type FeatureValue, parseExample } from './example.ts';

/** Which features of a `tf.Example` hold what. */
export interface ExampleKeys {
  /** The encoded image. Default: `image/encoded`. */
  readonly imageKey?: string;
  /** The class number. Default: `image/class/label`. */
  readonly labelKey?: string;
  /** The name of the class. Default: `image/class/text`. */
  readonly textKey?: string;
  /** What messages call the image. Default: `image/filename`. */
  readonly nameKey?: string;
  /** The number of the first class. Default: 1, as in ImageNet's files, where 0 is kept for the background. */
  readonly labelOffset?: number;
}

/** An example's image and class. */
export interface LabelledExample {
  readonly image: Uint8Array;
  /** From 0 on. */
  readonly label: number;
  readonly text: string | undefined;
  readonly name: string | undefined;
}

/**
 * Finds image and label among the features of a record.
 *
 * @throws Error with the features that are there, when one is missing or of another kind.
 */
export function labelledExample(
  record: Uint8Array,
  where: string,
  { imageKey, labelKey, textKey, nameKey, labelOffset }: Required<ExampleKeys>,
): LabelledExample {
  let features: Map<string, FeatureValue>;
  try {
    features = parseExample(record);
  } catch (cause) {
    throw new Error(
      `tfRecords: expected a tf.Example as ${where}, found ${(cause as Error).message}. Only records of tf.Example can be read.`,
      { cause },
    );
  }
  const image = features.get(imageKey);
  const label = features.get(labelKey);
  if (!(image instanceof Uint8Array) || typeof label !== 'number') {
    throw new Error(
      `tfRecords: expected bytes in ${imageKey} and a whole number in ${labelKey} of ${where}, found the features ${listNames([...features.keys()], 20) || '(none)'}. Name the right ones with imageKey and labelKey.`,
    );
  }
  const last = labelOffset + MAX_CLASSES - 1;
  if (!Number.isInteger(label) || label < labelOffset || label > last) {
    throw new RangeError(
      `tfRecords: expected the class number of ${where} to be from ${labelOffset} to ${last}, got ${label}. Classes are taken to be counted from ${labelOffset}: say labelOffset: 0 if yours begin at 0.`,
    );
  }
  return {
    image,
    label: label - labelOffset,
    text: textOf(features.get(textKey)),
    name: textOf(features.get(nameKey)),
  };
}

function textOf(value: FeatureValue): string | undefined {
  return value instanceof Uint8Array && value.length > 0
    ? Buffer.from(value).toString()
    : undefined;
}
