import { type TrainConfig } from './schema.ts';
/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export declare class ConfigError extends Error {
    readonly name = "ConfigError";
}
/**
 * Check a configuration and fill in the defaults.
 *
 * @throws ConfigError naming every unknown key (with the nearest known one) and every value out of range.
 */
export declare function parseConfig(input: unknown): TrainConfig;
//# sourceMappingURL=parse.d.ts.map