/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
