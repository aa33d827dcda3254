/** How the `bag-of-tricks` command ends; the README has what each code means. */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  divergence: 3,
  badImages: 4,
  internal: 70,
  timeUp: 75,
  hangup: 129,
  interrupt: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;

/** A configuration that does not fit the schema; the message names each field, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = exitCodes.usage;
}

/** A loss or a weight is NaN or infinite: training has diverged. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  readonly exitCode = exitCodes.divergence;
}

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';
