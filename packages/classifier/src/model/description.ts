/** All that makes probabilities of pictures besides the weights: how pixels become the network's input, and what its classes are called. */
export interface InferenceDescription {
  readonly model: string;
  /** By index. */
  readonly classNames: readonly string[];
  /** Height and width of the network's input in pixels. */
  readonly imageSize: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** Shorter side in pixels before the centre crop. */
  readonly evalResize: number;
  /** The filter that resizes, as Pillow's. */
  readonly interpolation: 'bilinear' | 'bicubic' | 'lanczos';
  /** Whether shrinking averages. */
  readonly antialias: boolean;
  /** Whether images are turned upright by their EXIF tag. */
  readonly exifOrientation: boolean;
  /** Per channel, on the scale 0..255. The exported graph normalises by them itself. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What an export says of itself in `classifier.json`. */
export interface ClassifierFile {
  /** The file beside it that holds the graph. */
  readonly model: string;
  readonly description: InferenceDescription;
  /** Of the weights, where it is known. */
  readonly license: string | null;
  /** Where the weights are from. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Of the files beside it, by name, in hexadecimals. */
  readonly sha256: Readonly<Record<string, string>>;
}

const FORMAT = 'bag-of-tricks-classifier';
const VERSION = 1;
/** Larger inputs are a damaged file: no network of ours sees more pixels on a side. */
const MAX_SIDE = 8192;

const isText = (value: unknown) => typeof value === 'string';
const isDigest = (value: unknown) => /^[0-9a-f]{64}$/.test(`${value}`);
const isFlag = (value: unknown) => typeof value === 'boolean';
const isSide = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SIDE;
const isNumber = (value: unknown) => Number.isFinite(value);
const isPositive = (value: unknown) => isNumber(value) && (value as number) > 0;
const listOf = (is: (value: unknown) => boolean, length?: number) => (value: unknown) =>
  Array.isArray(value) && value.length === (length ?? value.length) && value.every(is);
const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);

/** What `classifier.json` holds, checked. @throws Error - that names the field which is wrong. */
export function parseClassifierFile(value: unknown, where: string): ClassifierFile {
  const file = isObject(value) ? value : {};
  const refuse = (
    field: string,
    expected: string,
    got: unknown,
    advice = 'Export the model again',
  ) => {
    const shown = JSON.stringify(got)?.slice(0, 80) ?? 'nothing';
    throw new Error(
      `loadClassifier: expected ${field} of ${where} to be ${expected}, got ${shown}. ${advice}`,
    );
  };
  if (file.format !== FORMAT) {
    refuse('format', `"${FORMAT}"`, file.format, 'Name the folder that bag-of-tricks exported');
  }
  if (file.version !== VERSION) {
    refuse(
      'version',
      `${VERSION}`,
      file.version,
      'Update @bag-of-tricks/classifier, or export the model again',
    );
  }
  const description = isObject(file.description) ? file.description : {};
  const check = (field: string, is: (value: unknown) => boolean, expected: string) => {
    if (!is(description[field])) refuse(`description.${field}`, expected, description[field]);
  };
  const side = `a whole number from 1 to ${MAX_SIDE}`;
  check('model', isText, 'a name');
  check(
    'classNames',
    (value) => listOf(isText)(value) && (value as []).length > 0,
    'a list of names',
  );
  check('imageSize', isSide, side);
  check('channels', oneOf(1, 3), '1 or 3');
  check('evalResize', isSide, side);
  check('interpolation', oneOf('bilinear', 'bicubic', 'lanczos'), 'bilinear, bicubic or lanczos');
  check('antialias', isFlag, 'true or false');
  check('exifOrientation', isFlag, 'true or false');
  const channels = description.channels as number;
  check('mean', listOf(isNumber, channels), `${channels} numbers`);
  check('std', listOf(isPositive, channels), `${channels} numbers above 0`);
  const { model, license = null, provenance = {}, sha256 } = file;
  if (!isText(model) || !/\.json$/.test(model as string)) {
    refuse('model', 'the JSON of a graph-model', model, 'Export the model with --to graph-model');
  }
  if (license !== null && !isText(license)) refuse('license', 'a name or null', license);
  if (!isObject(provenance)) refuse('provenance', 'an object', provenance);
  if (!isObject(sha256) || !Object.values(sha256).every(isDigest)) {
    refuse('sha256', 'the digests of the files beside it', sha256);
  }
  return { model, license, provenance, sha256, description } as unknown as ClassifierFile;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
