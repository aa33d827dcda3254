import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Option } from 'commander';
import { ConfigError } from '../errors.ts';
import { type NetworkFamily, registerNetworks } from '../network/network.ts';
import type { Trick } from '../tricks/trick.ts';

const flag = '--plugin';

/** The flag as the help shows it; its modules are loaded before the other flags are known, by `loadPlugins`. */
export function pluginOption(): Option {
  return new Option(
    `${flag} <module...>`,
    'tricks and networks of others: a module that exports what defineTrick made, or a { names, create }',
  );
}

/** The modules that a command line names. */
function modulesIn(argv: readonly string[]): string[] {
  const modules: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument.startsWith(`${flag}=`)) modules.push(argument.slice(flag.length + 1));
    if (argument !== flag) continue;
    while (argv[i + 1] !== undefined && !argv[i + 1]!.startsWith('-')) modules.push(argv[++i]!);
  }
  return modules;
}

const isTrick = (value: unknown): value is Trick =>
  typeof value === 'function' && typeof (value as Partial<Trick>).definition?.name === 'string';

const isNetworkFamily = (value: unknown): value is NetworkFamily =>
  typeof (value as Partial<NetworkFamily> | null)?.names === 'function' &&
  typeof (value as Partial<NetworkFamily>).create === 'function';

/**
 * Imports the modules of `--plugin`, registers the networks that they export, and returns their tricks. Nothing else loads code: not a recipe, not a run folder, not a checkpoint.
 *
 * @throws ConfigError when a module cannot be loaded.
 */
export async function loadPlugins(argv: readonly string[]): Promise<Trick[]> {
  const loaded = modulesIn(argv).map(async (module) => {
    try {
      const isFile = /^[./\\]|\.[cm]?js$/.test(module);
      const exported = await import(isFile ? pathToFileURL(resolve(module)).href : module);
      return Object.values(exported as object).flat() as unknown[];
    } catch (cause) {
      throw new ConfigError(
        `${flag} ${module}: expected a module that can be imported, got ${(cause as Error).message}. Give the path of a JavaScript file, or the name of an installed package`,
        { cause },
      );
    }
  });
  const values: unknown[] = [...new Set((await Promise.all(loaded)).flat())];
  for (const family of values.filter(isNetworkFamily)) registerNetworks(family);
  return values.filter(isTrick);
}
