import type { ConfiguredTrick, Trick } from '@bag-of-tricks/train-step';
import { ConfigError } from '../errors.ts';
import { tricks } from '../tricks/index.ts';
import { baseSettings } from './base-schema.ts';
import { allOff } from './parse.ts';
import { builtIn, type KnownTricks } from './schema.ts';

/**
 * The tricks of the paper's recipe that need nothing else, each with its defaults: what `fit` takes when it is given none.
 *
 * @example
 * ```ts
 * import { recipeTricks } from '@bag-of-tricks/trainer';
 *
 * console.log(recipeTricks().map(({ definition }) => definition.name));
 * ```
 */
export function recipeTricks(): ConfiguredTrick[] {
  return (Object.values(tricks) as unknown as Trick[]).flatMap((trick) =>
    trick.definition.on ? trick() : [],
  );
}

function refuseTwice(names: readonly string[], from: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new ConfigError(
    `${from}: expected tricks of different names, got '${twice}' twice. Rename one, or leave it out`,
  );
}

const isSetting = (name: string) => Object.hasOwn(baseSettings, name);

/** A trick's name is a key of recipes, where it stands among the settings, and of the checkpoint, where it stands before a slash. */
function refuseName(name: string): void {
  if (!/[./]/.test(name) && name !== '' && name !== 'random' && !isSetting(name)) return;
  const taken = isSetting(name) ? ', which is a setting of every run' : '';
  throw new ConfigError(
    `plugins: expected a trick's name without '.' and '/' that is no other setting nor 'random', got '${name}'${taken}. Rename it`,
  );
}

/** Our tricks, and those of others behind them. */
export function withPlugins(plugins: readonly Pick<Trick, 'definition'>[] = []): KnownTricks {
  const added = plugins.map(({ definition }) => definition);
  for (const { name } of added) refuseName(name);
  const known = [...builtIn, ...added];
  refuseTwice(
    known.map(({ name }) => name),
    'plugins',
  );
  return known;
}

/**
 * The tricks that a call of `fit` knows: ours, and those of others among its `tricks`.
 *
 * @throws ConfigError when one of `tricks` is none, or when two have one name.
 */
export function knownBy(tricks: readonly ConfiguredTrick[]): KnownTricks {
  tricks.forEach((trick: Partial<ConfiguredTrick> | null | undefined, i) => {
    const name = trick?.definition?.name;
    if (name !== undefined && typeof trick?.settings === 'object') return;
    const got = name === undefined ? JSON.stringify(trick) : `the function '${name}'`;
    const call = name === undefined ? 'such as ema()' : `${name}()`;
    throw new ConfigError(
      `tricks[${i}]: expected a trick with its settings, got ${got}. Call it: ${call}`,
    );
  });
  refuseTwice(
    tricks.map(({ definition }) => definition.name),
    'tricks',
  );
  return withPlugins(tricks.filter(({ definition }) => !builtIn.includes(definition)));
}

/** Every known trick as a setting: what `tricks` says of it, or off. */
export const switchesOf = (tricks: readonly ConfiguredTrick[], known: KnownTricks) => ({
  ...allOff(known),
  ...Object.fromEntries(tricks.map(({ definition, settings }) => [definition.name, settings])),
});

/** @throws ConfigError when a trick is given as a setting, as a recipe gives it, where `fit` takes it in `tricks`. */
export function refuseTrickSettings(settings: object, known: KnownTricks): void {
  const { name } =
    known.find(({ name }) => (settings as Record<string, unknown>)[name] !== undefined) ?? {};
  if (name === undefined) return;
  throw new ConfigError(
    `${name}: expected the tricks of fit in \`tricks\`, got one as a setting. Give it there: tricks: [${name}(...)], or leave it out there to have it off`,
  );
}
