/**
 * The learning rate for one update: a plain function of the step, without state.
 *
 * `step` counts the updates that were already made: an integer >= 0, 0 for the first batch. The paper
 * counts batches from 1, so its batch `i` is `step = i - 1`.
 */
export type Schedule = (step: number) => number;
