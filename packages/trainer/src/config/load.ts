import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nearestName } from '@bag-of-tricks/train-step';
import { resolve as resolveModule } from 'import-meta-resolve';
import { parse, stringify } from 'yaml';
import { ConfigError } from '../errors.ts';

/** A partial configuration as it comes from a file or from flags. */
export type PartialConfig = { readonly [key: string]: unknown };

const recipeFolder = fileURLToPath(new URL('../../recipes/', import.meta.url));

/**
 * The names of the recipes that come with the package.
 *
 * @example
 * ```ts
 * import { bundledRecipes } from '@bag-of-tricks/trainer';
 *
 * console.log(bundledRecipes()); // [ 'fashion-mnist-resnet20d', 'resnet20d-cifar10', ... ]
 * ```
 */
export function bundledRecipes(): string[] {
  return readdirSync(recipeFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Read a recipe: a YAML file by path, or a bundled recipe by name.
 *
 * @example
 * ```ts
 * import { loadRecipe, parseConfig } from '@bag-of-tricks/trainer';
 *
 * const recipe = loadRecipe('resnet50d-bag-of-tricks');
 * console.log(parseConfig({ ...recipe, dataDir: 'imagenet' }).batchSize); // 1024
 * ```
 *
 * @throws ConfigError when there is no such recipe or the file is no YAML mapping.
 */
export function loadRecipe(nameOrPath: string): PartialConfig {
  const names = bundledRecipes();
  const path = names.includes(nameOrPath) ? `${recipeFolder}${nameOrPath}.yaml` : nameOrPath;
  if (!existsSync(path)) {
    const near = nearestName(nameOrPath, names);
    throw new ConfigError(
      `recipe '${nameOrPath}': expected a YAML file or one of ${names.join(', ')}; found neither.${near ? ` Did you mean '${near}'?` : ''}`,
    );
  }
  const content = parseYaml(readText(path), `recipe ${path}`) ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(
      `recipe ${path}: expected a mapping of settings, got ${JSON.stringify(content).slice(0, 80)}`,
    );
  }
  return content as PartialConfig;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`recipe ${path}: not readable: ${(cause as Error).message}`, { cause });
  }
}

/** Names through which an object would reach JavaScript's own. */
const reserved = ['__proto__', 'constructor', 'prototype'];

/** @throws ConfigError for a value that contains itself, and for a key that no setting can have. */
export function checkPlain(value: unknown, where: string, above: readonly unknown[] = []): void {
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) {
    throw new ConfigError(
      `${where}: expected settings that end, got an alias (*) of what it stands in. Write the value out`,
    );
  }
  for (const [key, inner] of Object.entries(value)) {
    if (reserved.includes(key)) {
      throw new ConfigError(
        `${where}: expected names of settings, got '${key}', a name of JavaScript's own. Leave it out`,
      );
    }
    checkPlain(inner, where, [...above, value]);
  }
}

/** @throws ConfigError when `text` is no YAML, or what `checkPlain` refuses. */
export function parseYaml(text: string, where: string): unknown {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new ConfigError(`${where}: not readable as YAML: ${(cause as Error).message}`, { cause });
  }
  checkPlain(value, where);
  return value;
}

function isMapping(value: unknown): value is PartialConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lay `overrides` over `base`, level by level; lists and scalars are replaced whole. */
export function mergeConfig(base: PartialConfig, overrides: PartialConfig): PartialConfig {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    const below = merged[key];
    merged[key] = isMapping(value) ? mergeConfig(isMapping(below) ? below : {}, value) : value;
  }
  return merged;
}

/** The YAML text of a resolved configuration; `loadRecipe` reads it back to the same configuration. */
export function formatConfig(config: PartialConfig): string {
  // A trick without settings is on: true says so, {} would not.
  const entries = Object.entries(config).map(([name, value]) => [
    name,
    isMapping(value) && Object.keys(value).length === 0 ? true : value,
  ]);
  return stringify(Object.fromEntries(entries), { lineWidth: 0 });
}

/** A word of a command line, in quotes where a shell would split it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The flags of a command line that load `modules`. */
export const pluginFlags = (modules: readonly string[]) =>
  modules.map((module) => ` --plugin ${shellWord(module)}`).join('');

/** The address of a plug-in's module: of a file, or of a package as the project in the working directory has it. */
export function moduleAddress(module: string): string {
  if (/^[./\\]|\.[cm]?js$/.test(module)) return pathToFileURL(resolve(module)).href;
  return resolveModule(module, pathToFileURL(resolve('project.js')).href);
}
