export { ConfigError, DivergenceError } from '@bag-of-tricks/train-step';

/** What helps against divergence. */
export const remedy =
  'Lower the learning rate (--lr-base) or let it rise more slowly, then start again or go on from the last checkpoint with --resume';
