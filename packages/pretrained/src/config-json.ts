import { readFile } from 'node:fs/promises';
import type { WeightsDescription } from './weights.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value must be, in words and as a test. */
type Kind<Value> = readonly [words: string, test: (value: unknown) => value is Value];

const isNumber = (value: unknown): value is number => Number.isFinite(value);
const text: Kind<string> = [
  'a name',
  (value): value is string => typeof value === 'string' && value !== '',
];
const count: Kind<number> = [
  'a whole number of at least 0',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
];
const share: Kind<number> = [
  'a number above 0 and up to 1',
  (value): value is number => isNumber(value) && value > 0 && value <= 1,
];
const filters = ['bilinear', 'bicubic', 'lanczos'];
const filter: Kind<string> = [
  filters.join(' or '),
  (value): value is string => filters.includes(value as string),
];
const texts: Kind<readonly string[]> = [
  'a list of names',
  (value): value is string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string'),
];
const size: Kind<readonly [number, number, number]> = [
  '[channels, height, width] of a square image of at most 4096 pixels a side',
  (value): value is [number, number, number] =>
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((one) => Number.isSafeInteger(one) && one > 0 && one <= 4096) &&
    value[1] === value[2],
];
const perChannel = (minimum: number): Kind<readonly number[]> => [
  `one or three numbers ${minimum < 0 ? '' : 'above 0 '}on the scale 0..1`,
  (value): value is number[] =>
    Array.isArray(value) &&
    (value.length === 1 || value.length === 3) &&
    value.every((one) => isNumber(one) && one > minimum && one <= 1),
];

/**
 * Reads the `config.json` that timm puts beside weights: of now, with a `pretrained_cfg`, and of old, without.
 *
 * @throws Error naming the file, the entry, what was expected and what came.
 */
export async function readConfigJson(path: string): Promise<WeightsDescription> {
  const config = parse(await readFile(path, 'utf8'), path);
  const inner = config.pretrained_cfg ?? config;
  if (!isObject(inner)) throw wrong(path, 'pretrained_cfg', 'a mapping', inner);
  const take = <Value>(from: Json, key: string, [words, test]: Kind<Value>): Value | null => {
    const value = from[key] ?? null;
    if (value !== null && !test(value)) throw wrong(path, key, words, value);
    return value as Value | null;
  };
  const pool = config.global_pool ?? 'avg';
  // The weights would fit a network that averages, and every logit would be wrong.
  if (pool !== 'avg' && pool !== '') throw wrong(path, 'global_pool', 'avg', pool);
  const [channels, imageSize] = take(inner, 'input_size', size) ?? [null, null];
  const scaled = (values: readonly number[] | null) => values?.map((one) => one * 255) ?? null;
  return {
    architecture: take(config, 'architecture', text),
    numClasses: take(config, 'num_classes', count) ?? take(inner, 'num_classes', count),
    classNames: take(config, 'label_names', texts) ?? take(inner, 'label_names', texts),
    input: {
      imageSize,
      channels,
      mean: scaled(take(inner, 'mean', perChannel(-1))),
      std: scaled(take(inner, 'std', perChannel(0))),
      interpolation: take(inner, 'interpolation', filter),
      cropPct: take(inner, 'crop_pct', share),
    },
    license: take(inner, 'license', text),
  };
}

function parse(content: string, path: string): Json {
  try {
    const value: unknown = JSON.parse(content);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new Error(
      `${path}: expected JSON, got ${(cause as Error).message}. Give the config.json that came with the weights`,
      { cause },
    );
  }
  throw new Error(
    `${path}: expected a mapping, as timm writes beside weights. Give the config.json that came with them`,
  );
}

const wrong = (path: string, key: string, expected: string, got: unknown) =>
  new Error(
    `${path}: ${key}: expected ${expected}, got ${JSON.stringify(got)?.slice(0, 80)}. Correct it, or give the .safetensors file by a path without a config.json`,
  );
