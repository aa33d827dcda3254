import type { TrainConfig } from './schema.ts';
/** A partial configuration as it comes from a file or from flags. */
export type PartialConfig = {
    readonly [key: string]: unknown;
};
/** The names of the recipes that come with the package. */
export declare function bundledRecipes(): string[];
/**
 * Read a recipe: a YAML file by path, or a bundled recipe by name.
 *
 * @throws ConfigError when there is no such recipe or the file is no YAML mapping.
 */
export declare function loadRecipe(nameOrPath: string): PartialConfig;
/** Lay `overrides` over `base`, level by level; lists and scalars are replaced whole. */
export declare function mergeConfig(base: PartialConfig, overrides: PartialConfig): PartialConfig;
/** The YAML text of a resolved configuration; `loadRecipe` reads it back to the same configuration. */
export declare function formatConfig(config: TrainConfig): string;
//# sourceMappingURL=load.d.ts.map