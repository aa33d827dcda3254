/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';
