import { ConfigError } from '../errors.ts';
import { type ConfiguredTrick, configure, type Trick } from '../tricks/trick.ts';
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
  return builtIn.flatMap((definition) => (definition.on ? configure(definition) : []));
}

/** Our tricks, and those of others behind them. */
export function withPlugins(plugins: readonly Pick<Trick, 'definition'>[] = []): KnownTricks {
  const known = [...builtIn, ...plugins.map(({ definition }) => definition)];
  const names = known.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return known;
  throw new ConfigError(
    `plugins: expected tricks of different names, got '${twice}' twice. Rename one`,
  );
}
