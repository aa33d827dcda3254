/** Probabilities of pictures, row after row, and how fast they came. */
export interface Measured {
  readonly probabilities: Float32Array;
  readonly imagesPerSecond: number;
}

/** Calls `infer` for the pictures from one number to another, batch after batch: the first batch once more before, so that all is warm. Runs in Node and in pages. */
export async function inBatches(
  count: number,
  batchSize: number,
  infer: (from: number, to: number) => Promise<ArrayLike<number>>,
): Promise<Measured> {
  await infer(0, Math.min(batchSize, count));
  const started = performance.now();
  const rows: ArrayLike<number>[] = [];
  for (let from = 0; from < count; from += batchSize) {
    rows.push(await infer(from, Math.min(from + batchSize, count)));
  }
  const seconds = (performance.now() - started) / 1000;
  const probabilities = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    probabilities.set(row, at);
    at += row.length;
  }
  return { probabilities, imagesPerSecond: count / seconds };
}

/** A classifier's most probable classes, all of them, as one row by class. */
export function byClass(
  tops: readonly (readonly { readonly index: number; readonly probability: number }[] | null)[],
): Float32Array {
  const classes = tops[0]!.length;
  const probabilities = new Float32Array(tops.length * classes);
  tops.forEach((top, picture) => {
    for (const { index, probability } of top!) {
      probabilities[picture * classes + index] = probability;
    }
  });
  return probabilities;
}
