/** How often images of one class were taken for another. */
export interface ConfusedPair {
  readonly label: number;
  readonly predicted: number;
  readonly images: number;
}

/** What became of a class's images. */
export interface ClassScore {
  readonly images: number;
  readonly right: number;
  /** The class that they were taken for most often among the wrong ones; null where all were right. */
  readonly worst: ConfusedPair | null;
}

/** Counts of (true class, predicted class), kept only where there are any: of 1,000 classes a million pairs are possible. */
export interface Confusion {
  readonly classNames: readonly string[];
  add(label: number, predicted: number): void;
  count(label: number, predicted: number): number;
  /** The pairs of different classes, the most frequent first, of equal ones the first by class. */
  pairs(): ConfusedPair[];
  /** By class. */
  scores(): ClassScore[];
}

/**
 * An empty confusion matrix.
 *
 * @example
 * ```ts
 * import { confusionOf } from '@bag-of-tricks/run-report';
 *
 * const confusion = confusionOf(['cat', 'dog', 'fox']);
 * for (const predicted of [0, 0, 2]) confusion.add(0, predicted);
 * console.log(confusion.pairs()); // [ { label: 0, predicted: 2, images: 1 } ]
 * ```
 */
export function confusionOf(classNames: readonly string[]): Confusion {
  const classes = classNames.length;
  const counts = new Map<number, number>();
  const all = () =>
    Array.from(counts, ([key, images]) => {
      return { label: Math.floor(key / classes), predicted: key % classes, images };
    });
  const pairs = () =>
    all()
      .filter(({ label, predicted }) => label !== predicted)
      .sort((a, b) => b.images - a.images || a.label - b.label || a.predicted - b.predicted);
  return {
    classNames,
    add(label, predicted) {
      const key = label * classes + predicted;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    count: (label, predicted) => counts.get(label * classes + predicted) ?? 0,
    pairs,
    scores() {
      const images = new Array<number>(classes).fill(0);
      for (const one of all()) images[one.label]! += one.images;
      const worst = new Map<number, ConfusedPair>();
      for (const pair of pairs()) if (!worst.has(pair.label)) worst.set(pair.label, pair);
      return images.map((count, label) => ({
        images: count,
        right: counts.get(label * classes + label) ?? 0,
        worst: worst.get(label) ?? null,
      }));
    },
  };
}
