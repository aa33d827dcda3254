/** Settings that do not fit; the message names each, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}
