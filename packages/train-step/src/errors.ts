/** Settings that do not fit; the message names each, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Of the command. */
  readonly exitCode = 2;
}

/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  /** Of the command. */
  readonly exitCode = 3;
}
