/** What a draw is for: the third part of its key. */
export const purpose = {
  shuffle: 1,
  augment: 2,
  mixup: 3,
  synthetic: 4,
  color: 5,
  limit: 6,
} as const;
