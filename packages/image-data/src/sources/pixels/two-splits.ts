/** Splits of a set that has two of them: `val` and `validation` are the test images, since there are no others. */
export type TwoSplits = 'train' | 'test' | 'val' | 'validation';

/**
 * Which of the two parts a split is.
 *
 * @throws RangeError for any other name.
 */
export function partOf(caller: string, split: TwoSplits): 'train' | 'test' {
  if (split === 'train') return 'train';
  if (['test', 'val', 'validation'].includes(split)) return 'test';
  throw new RangeError(
    `${caller}: expected split to be 'train', 'test', 'val' or 'validation', got '${String(split)}'.`,
  );
}
