export { RunLockedError, SaveError } from '@bag-of-tricks/run-folder';
export { ConfigError, DivergenceError } from '@bag-of-tricks/train-step';

/** How the `bag-of-tricks` command ends; the README has what each code means. */
export const exitCodes = {
  success: 0,
  failure: 1,
  usage: 2,
  divergence: 3,
  badImages: 4,
  lost: 68,
  locked: 69,
  internal: 70,
  save: 74,
  timeUp: 75,
  hangup: 129,
  interrupt: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;

/** What helps against divergence; to resume does not, for a run goes on exactly as it was. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, and start again';
