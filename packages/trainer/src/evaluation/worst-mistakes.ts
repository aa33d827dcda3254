import type { Batch } from '@bag-of-tricks/image-data';

/** An image that was taken for another class, with its pixels. */
export interface WrongImage {
  /** Place in the evaluation images; null where the dataset does not say. */
  readonly index: number | null;
  readonly label: number;
  readonly predicted: number;
  readonly probability: number;
  readonly ownProbability: number;
  /** uint8, `[height, width, channels]`. */
  readonly pixels: Uint8Array;
  readonly imageShape: readonly [height: number, width: number, channels: number];
}

/** The class of the highest probability: of equal ones the true one, as accuracy counts, or the first. */
export function predictedClass(probabilities: Float32Array, label: number): number {
  return probabilities.reduce((best, p, i) => (p > probabilities[best]! ? i : best), label);
}

/** Keeps the `most` mistakes whose own class had the lowest probability, and copies of no other pixels. */
export function worstMistakes(most: number) {
  const kept: WrongImage[] = [];
  return {
    /** The worst first; of equal ones the first that came. */
    kept: kept as readonly WrongImage[],
    add(
      { images, labels, indices }: Batch,
      row: number,
      {
        probabilities,
        imageShape,
      }: { probabilities: Float32Array } & Pick<WrongImage, 'imageShape'>,
    ): void {
      const label = labels[row]!;
      const predicted = predictedClass(probabilities, label);
      const ownProbability = probabilities[label]!;
      const last = kept.at(-1);
      if (kept.length === most && last && ownProbability >= last.ownProbability) return;
      const place = kept.findIndex((one) => one.ownProbability > ownProbability);
      const size = imageShape[0] * imageShape[1] * imageShape[2];
      kept.splice(place === -1 ? kept.length : place, 0, {
        ...{ label, predicted, ownProbability, imageShape, index: indices?.[row] ?? null },
        probability: probabilities[predicted]!,
        pixels: images.slice(row * size, (row + 1) * size),
      });
      if (kept.length > most) kept.pop();
    },
  };
}
