import { imageProblems } from '@bag-of-tricks/image-data';
import { type ConfiguredTrick, nearestName } from '@bag-of-tricks/train-step';
import type { z } from 'zod';
import { nativeBackend } from '../backend.ts';
import { ConfigError } from '../errors.ts';
import { networkProblems } from '../networks.ts';
import { buildSchedule } from '../tricks/recipe.ts';
import { ownPart } from './base-schema.ts';
import {
  builtIn,
  configSchema,
  type KnownTricks,
  settingsBelow,
  type TrainConfig,
  tricksOf,
} from './schema.ts';

type Path = readonly PropertyKey[];

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null)?.[key],
    input,
  );
}

/** Every dotted name of the schema, for suggestions across levels. */
function allNames(schema: z.ZodType, path: string[] = []): string[] {
  return Object.keys(settingsBelow(schema, path)).flatMap((key) => [
    [...path, key].join('.'),
    ...allNames(schema, [...path, key]),
  ]);
}

function describeUnknown(
  { keys, path }: { readonly keys: readonly string[]; readonly path: Path },
  schema: z.ZodType,
): string {
  const known = Object.keys(settingsBelow(schema, path));
  const describe = (key: string) => {
    const name = [...path, key].join('.');
    const near = nearestName(key, known) ?? nearestName(name, allNames(schema));
    const plugin = path.length === 0 ? ' A trick of another package comes with --plugin.' : '';
    return near
      ? `unknown key '${name}'. Did you mean '${near}'?${plugin}`
      : `unknown key '${name}'.${plugin} Known here: ${known.join(', ')}.`;
  };
  return keys.map(describe).join('\n');
}

/** What a trick's settings were expected to be, or which flag gives the one that is missing. */
function describeType(
  { expected, path }: z.core.$ZodIssueInvalidType,
  got: string,
  known: KnownTricks,
): string {
  const trick = known.find(({ name }) => name === path[0]);
  if (trick && path.length === 1) {
    const settings = Object.keys(trick.settings).join(', ') || 'none';
    return `expected true, false or a mapping of settings (${settings}), got ${got}`;
  }
  const given = trick?.flags?.find((flag) => !('flags' in flag) && flag[1] === path[1]);
  const flag = got === 'nothing' && given ? `. Give ${(given as readonly unknown[])[0]}` : '';
  return `expected ${expected}, got ${got}${flag}`;
}

function describeIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  { schema, known }: { readonly schema: z.ZodType; readonly known: KnownTricks },
): string {
  const where = issue.path.join('.') || 'configuration';
  const got = JSON.stringify(valueAt(input, issue.path)) ?? 'nothing';
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue, schema);
  const didYouMean = (words: readonly unknown[]) => {
    const near = nearestName(String(valueAt(input, issue.path)), words.map(String));
    return near ? ` Did you mean '${near}'?` : '';
  };
  if (issue.code === 'too_small' && issue.origin === 'string')
    return `${where}: expected some text, got ${got}`;
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const [sign, bound] = 'minimum' in issue ? ['>', issue.minimum] : ['<', issue.maximum];
    return `${where}: expected a value ${sign}${issue.inclusive === false ? '' : '='} ${bound}, got ${got}`;
  }
  if (issue.code === 'invalid_value') {
    if (where === 'dataset' && got === 'nothing')
      return 'dataset: expected images, got nothing. Give --data-dir <folder> or --config <recipe>';
    // What `fit` was given, it names itself.
    const values = issue.values.filter((value) => value !== ownPart);
    return `${where}: expected one of ${values.join(', ')}, got ${got}.${didYouMean(values)}`;
  }
  if (issue.code === 'invalid_union') {
    const words = issue.errors.flat().flatMap((one) => ('values' in one ? one.values : []));
    return `${where}: ${issue.message}, got ${got}.${didYouMean(words)}`;
  }
  if (issue.code === 'invalid_type') return `${where}: ${describeType(issue, got, known)}`;
  return `${where}: ${issue.message}, got ${got}`;
}

/** What two fields together must satisfy. */
function checkTogether(config: TrainConfig, { known = builtIn, ownParts }: ParseOptions): string[] {
  const { dataset } = config;
  const configured = tricksOf(config, known);
  const problems = [
    ...(dataset === ownPart ? [] : imageProblems({ ...config, dataset })),
    ...(ownParts ? [] : networkProblems(config.model)),
    ...(config.linearProbe && config.pretrained === null && !ownParts
      ? ['linearProbe: expected weights to compute the features with, got none. Give --pretrained']
      : []),
    ...configured.flatMap(({ definition, settings }) => definition.check?.(settings, config) ?? []),
  ];
  if (problems.length > 0) return problems;
  try {
    // Epochs of some length: what a schedule can refuse does not depend on it.
    buildSchedule(config, configured, { stepsPerEpoch: config.stepsPerEpoch ?? 1000 });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** A folder of images and nothing else said means that it is an image folder. */
export function withImpliedDataset(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('dataDir' in input)) return input;
  const { dataset, dataDir } = input as { readonly dataset?: unknown; readonly dataDir: unknown };
  return dataset === undefined && dataDir !== null ? { ...input, dataset: 'folder' } : input;
}

/** A trick that is true is on with its defaults, one that is false is off. */
function withSwitches(input: unknown, known: KnownTricks): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const names = known.map(({ name }) => name);
  const switches = Object.entries(input)
    .filter(([name, value]) => typeof value === 'boolean' && names.includes(name))
    .map(([name, value]) => [name, value ? {} : null]);
  return { ...input, ...Object.fromEntries(switches) };
}

/** Every trick switched off, by name. */
export function allOff(known: KnownTricks): Readonly<Record<string, null>> {
  return Object.fromEntries(known.map(({ name }) => [name, null]));
}

/** Options of `parseConfig`. */
export interface ParseOptions {
  /** The tricks that it may name. Default: ours. */
  readonly known?: KnownTricks;
  /** Exactly these tricks are on, with settings that are checked already, whatever the configuration says of tricks. */
  readonly configured?: readonly ConfiguredTrick[];
  /** The network may have a name of its own, because it is passed in or was. Default: false. */
  readonly ownParts?: boolean;
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @example
 * ```ts
 * import { parseConfig } from '@bag-of-tricks/trainer';
 *
 * const { batchSize, optimizer } = parseConfig({ dataset: 'cifar10', dataDir: 'cifar', batchSize: 128 });
 * console.log(batchSize, optimizer.momentum); // 128 0.9
 * ```
 *
 * @throws ConfigError naming every unknown key (with the nearest known one) and every value out of range.
 */
export function parseConfig(given: unknown, options: ParseOptions = {}): TrainConfig {
  const { known = builtIn, configured } = options;
  const schema = configSchema(known);
  const switched = withSwitches(withImpliedDataset(given), known);
  const input = configured ? { ...(switched as object), ...allOff(known) } : switched;
  const parsed = schema.safeParse(input);
  const on = configured?.map(({ definition, settings }) => [definition.name, settings] as const);
  const filled = { ...parsed.data, ...Object.fromEntries(on ?? []) } as TrainConfig;
  const { backend } = filled;
  const config = backend === nativeBackend ? filled : { ...filled, compile: false };
  const problems = parsed.success
    ? checkTogether(config, options)
    : parsed.error.issues.map((issue) => describeIssue(issue, input, { schema, known }));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}
