import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NetworkFamily, Trick } from '@bag-of-tricks/train-step';
import { Option } from 'commander';
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

async function importValues(module: string): Promise<unknown[]> {
  const isFile = /^[./\\]|\.[cm]?js$/.test(module);
  try {
    const exported = await import(isFile ? pathToFileURL(resolve(module)).href : module);
    return Object.values(exported as object).flat();
  } catch (cause) {
    const { code, message } = Object(cause) as NodeJS.ErrnoException;
    throw new ConfigError(
      notImported.test(code ?? '')
        ? `${flag} ${module}: expected a module that can be imported, got ${message}. Give the path of a JavaScript file, or the name of an installed package`
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
