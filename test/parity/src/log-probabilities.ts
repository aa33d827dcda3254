import type { ImageSource } from '@bag-of-tricks/image-data';
import type { Classifier } from '@bag-of-tricks/trainer';

/** The logarithm of the softmax of a row: the logits but for what all of them have in common, which no prediction depends on. */
export function logSoftmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const most = Math.max(...values);
  const logSum = Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return values.map((value) => value - most - logSum);
}

/** What a classifier says of every image of a source: the logarithms of the probabilities of all its classes, in order. */
export async function logProbabilities(
  classifier: Classifier,
  source: ImageSource,
): Promise<number[][]> {
  const top = classifier.description.classNames.length;
  const rows: number[][] = [];
  for await (const batch of classifier.classifySource(source, { top })) {
    for (const { index, top } of batch) {
      const row: number[] = [];
      for (const one of top) row[one.index] = Math.log(one.probability);
      rows[index] = row;
    }
  }
  return rows;
}

/** The largest difference between two tables of numbers; infinite where one is NaN or missing. */
export function largestDifference(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  const differences = expected.flatMap((row, i) =>
    row.map((value, j) => Math.abs(value - (actual[i]?.[j] ?? Number.NaN))),
  );
  return differences.every(Number.isFinite)
    ? differences.reduce((most, one) => Math.max(most, one), 0)
    : Number.POSITIVE_INFINITY;
}
