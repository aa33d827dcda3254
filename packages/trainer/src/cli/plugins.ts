import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NetworkFamily, Trick } from '@bag-of-tricks/train-step';
import { Option } from 'commander';
import { moduleAddress } from '../config/load.ts';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { registerNetworks } from '../networks.ts';

const flag = '--plugin';

/** The flag as the help shows it; its modules are loaded before the other flags are known, by `loadPlugins`. */
export function pluginOption(): Option {
  return new Option(
    `${flag} <module>`,
    'tricks and networks of others: a module that exports what defineTrick made, or a { names, create }; may be repeated',
  );
}

/** The modules that a command line names. */
function modulesIn(argv: readonly string[]): string[] {
  const modules: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument.startsWith(`${flag}=`)) modules.push(argument.slice(flag.length + 1));
    else if (argument === flag && i + 1 < argv.length) modules.push(argv[++i]!);
  }
  return modules;
}

const isTrick = (value: unknown): value is Trick =>
  typeof value === 'function' && typeof (value as Partial<Trick>).definition?.name === 'string';

const isNetworkFamily = (value: unknown): value is NetworkFamily =>
  typeof (value as Partial<NetworkFamily> | null)?.names === 'function' &&
  typeof (value as Partial<NetworkFamily>).create === 'function';

/** What Node says of a module that it does not get to run; all else came out of the module. */
const notImported =
  /^ERR_(MODULE_NOT_FOUND|UNSUPPORTED_DIR_IMPORT|UNKNOWN_FILE_EXTENSION|PACKAGE_PATH_NOT_EXPORTED|INVALID_MODULE_SPECIFIER)$/;

/** What a failed import is about: the module that was named, or, where that is there, one that it imports. */
function describeImport({ code, message }: NodeJS.ErrnoException, isThere: boolean): string {
  return code === 'ERR_MODULE_NOT_FOUND' && isThere
    ? `expected a module whose own imports are there, got ${message}. Install what it imports`
    : `expected a module that can be imported, got ${message}. Give the path of a JavaScript file, or the name of an installed package`;
}

async function importValues(module: string): Promise<unknown[]> {
  let address = '';
  try {
    address = moduleAddress(module);
    return Object.values((await import(address)) as object).flat();
  } catch (cause) {
    const error = Object(cause) as NodeJS.ErrnoException;
    const isThere = address.startsWith('file:') && existsSync(fileURLToPath(address));
    throw new ConfigError(
      notImported.test(error.code ?? '')
        ? `${flag} ${module}: ${describeImport(error, isThere)}`
        : `${flag} ${module}: the module threw while it was imported: ${cause}. Mend the module`,
      { cause },
    );
  }
}

/** What `--plugin` brought. */
export interface Plugins {
  readonly tricks: readonly Trick[];
  /** The modules as they were named. */
  readonly modules: readonly string[];
}

/** A line for each trick that was loaded and that nothing switches on. */
export const describeOff = (tricks: readonly Trick[], config: TrainConfig): string[] =>
  tricks
    .map(({ definition }) => definition)
    .filter(({ name }) => config[name] === null)
    .map(({ name, flags = [] }) => {
      const on = flags.find((flag) => !('flags' in flag) && flag[1] !== null) as
        | readonly [string]
        | undefined;
      return `${name}: loaded and off. ${on ? `${on[0]} switches` : `--set ${name}={} or the recipe switch`} it on`;
    });

/**
 * Imports the modules of `--plugin`, registers the networks that they export, and returns their tricks. Nothing else loads code: not a recipe, not a run folder, not a checkpoint.
 *
 * @throws ConfigError when a module cannot be loaded, or exports neither a trick nor a network.
 */
export async function loadPlugins(argv: readonly string[]): Promise<Plugins> {
  const modules = [...new Set(modulesIn(argv))];
  const loaded = await Promise.all(modules.map(importValues));
  for (const [i, values] of loaded.entries()) {
    if (values.some((value) => isTrick(value) || isNetworkFamily(value))) continue;
    throw new ConfigError(
      `${flag} ${modules[i]}: expected a module that exports a trick or networks, got neither. Export what defineTrick made, or a { names, create }`,
    );
  }
  const values = [...new Set(loaded.flat())];
  for (const family of values.filter(isNetworkFamily)) registerNetworks(family);
  return { tricks: values.filter(isTrick), modules };
}
