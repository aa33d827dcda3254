import type { ConfiguredTrick, TrickDefinition } from '@bag-of-tricks/train-step';
import { z } from 'zod';
import { type BuiltInTrick, tricks } from '../tricks/index.ts';
import { type BaseConfig, type BaseConfigInput, baseSettings } from './base-schema.ts';

/** The settings of the tricks by name; one that is null is off. */
type TrickSettings = {
  readonly [T in BuiltInTrick as T['definition']['name']]: z.output<
    z.ZodObject<T['definition']['settings'], z.core.$strict>
  > | null;
};

type TrickInputs = {
  readonly [T in BuiltInTrick as T['definition']['name']]?: Parameters<T>[0] | boolean | null;
};

/** A resolved configuration: every field present, those of other people's tricks too. */
export type TrainConfig = BaseConfig & TrickSettings & { readonly [trick: string]: unknown };

/** What a recipe file or a caller writes. */
export type TrainConfigInput = BaseConfigInput & TrickInputs;

/** The tricks that a configuration may name: ours, and those that came as plug-ins. */
// biome-ignore lint/suspicious/noExplicitAny: settings of any shape, told apart at run time
export type KnownTricks = readonly TrickDefinition<any>[];

/** Our tricks. */
export const builtIn: KnownTricks = Object.values(tricks).map(({ definition }) => definition);

/** Every setting of a run, nested by trick. A trick that is null, or false, is off; true is on with its defaults. */
export function configSchema(known: KnownTricks = builtIn): z.ZodObject {
  const settings = known.map(({ name, settings, on, description }) => {
    const mapping = z.strictObject(settings).nullable();
    return [name, (on ? mapping.prefault({}) : mapping.default(null)).describe(description)];
  });
  return z.strictObject({ ...baseSettings, ...Object.fromEntries(settings) });
}

/** The tricks of a configuration that are on, with their settings, in the order of the list. */
export function tricksOf(
  config: Readonly<Record<string, unknown>>,
  known: KnownTricks,
): ConfiguredTrick[] {
  return known.flatMap((definition) => {
    const settings = config[definition.name] as ConfiguredTrick['settings'] | null | undefined;
    return settings ? [{ definition, settings }] : [];
  });
}

/** What the schema says about one setting. */
export interface Setting {
  readonly type: z.ZodType;
  readonly description: string;
  /** What it is when nothing sets it; undefined where that is nothing, or depends on the rest. */
  readonly default: unknown;
}

type Wrapped = z.ZodType & {
  readonly unwrap?: () => Wrapped;
  readonly shape?: Record<string, Wrapped>;
};

/** The kind of a type, told by its name, for a plug-in may bring a zod of its own. */
export const kindOf = (type: z.ZodType): string => type.def.type;

/** The type of a setting, seen through its default and its null. */
function unwrap(schema: Wrapped): Wrapped {
  return kindOf(schema) === 'array' || !schema.unwrap ? schema : unwrap(schema.unwrap());
}

/** The settings directly below a mapping, by name; none for a plain value. */
export function settingsBelow(
  schema: z.ZodType,
  path: readonly PropertyKey[],
): Readonly<Record<string, z.ZodType>> {
  const mapping = path.reduce<Wrapped | undefined>(
    (at, key) => at && unwrap(at).shape?.[String(key)],
    schema as Wrapped,
  );
  return (mapping && unwrap(mapping).shape) ?? {};
}

/** The setting with a dotted name such as `optimizer.momentum`. */
export function settingAt(schema: z.ZodType, name: string): Setting {
  const path = name.split('.');
  const setting = settingsBelow(schema, path.slice(0, -1))[path.at(-1)!];
  if (!setting) throw new Error(`settingAt: expected the name of a setting, got '${name}'.`);
  const { data = null } = setting.safeParse(undefined);
  return {
    type: unwrap(setting),
    description: setting.description ?? '',
    default: data ?? undefined,
  };
}
