import type { ImageSource } from '../source.ts';
import { listNames } from '../sources/display-name.ts';
import { bySize, hashed, mostFiles, mostHashed } from '../sources/same-files.ts';

/** Fewer images of a class teach little. */
const fewImages = 10;
/** The largest class by the smallest, from which on the classes count as unbalanced. */
const unbalanced = 10;

interface Both {
  readonly train: ImageSource;
  readonly eval: ImageSource;
}

interface CheckOptions {
  readonly onWarning: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Warns, by a line each, of classes with few or no images, of classes of very different size, and of validation images that are training
 * images as well, byte for byte.
 */
export async function checkSources(sources: Both, options: CheckOptions): Promise<void> {
  checkClasses(sources, options);
  const same = await duplicates(sources, options.signal);
  if (same.length === 0) return;
  const { name, size } = sources.eval;
  options.onWarning(
    `${name}: ${same.length} of the ${size} validation images are also training images, byte for byte: ${listNames(same, 3)}. The accuracy will look better than it is.`,
  );
}

function countByClass(source: ImageSource): number[] {
  const counts = source.classNames.map(() => 0);
  for (let index = 0; index < source.size; index++) counts[source.label(index)]! += 1;
  return counts;
}

function checkClasses({ train, eval: evaluation }: Both, { onWarning }: CheckOptions): void {
  const { name, classNames } = train;
  const [counts, evalCounts] = [countByClass(train), countByClass(evaluation)];
  const few = counts.flatMap((count, i) =>
    count < fewImages ? [`${classNames[i]} (${count})`] : [],
  );
  if (few.length > 0) {
    onWarning(
      `${name}: classes of fewer than ${fewImages} training images: ${listNames(few)}. Expect little of them.`,
    );
  }
  const unseen = classNames.filter((_, i) => evalCounts[i] === 0);
  if (unseen.length > 0) {
    onWarning(
      `${name}: classes without a validation image: ${listNames(unseen)}. The accuracy says nothing of them.`,
    );
  }
  const [least, most] = [Math.min(...counts.filter((count) => count > 0)), Math.max(...counts)];
  if (most >= unbalanced * least) {
    const named = (count: number) => classNames[counts.indexOf(count)];
    onWarning(
      `${name}: the classes are unbalanced: ${named(most)} has ${most} training images, ${named(least)} ${least}. The accuracy tells mostly of the large ones.`,
    );
  }
}

/** `eval file = training file` for each evaluation image that is a training image too. Only files of one size are read. */
async function duplicates({ train, eval: evaluation }: Both, signal?: AbortSignal) {
  if (!train.listing || !evaluation.listing || train.size + evaluation.size > mostFiles) return [];
  const sides = [await bySize(train), await bySize(evaluation)] as const;
  const sizes = [...sides[1].keys()].filter((size) => sides[0].has(size));
  const files = sizes.flatMap((size) => sides.map((side) => side.get(size)!.length));
  if (files.reduce((sum, count) => sum + count, 0) > mostHashed) return [];
  const same: string[] = [];
  for (const size of sizes) {
    signal?.throwIfAborted();
    const [ofTrain, ofEval] = await Promise.all(sides.map((side) => hashed(side.get(size)!)));
    const known = new Map(ofTrain!.map(({ name, hash }) => [hash, name]));
    for (const { name, hash } of ofEval!) {
      if (hash !== null && known.has(hash)) same.push(`${name} = ${known.get(hash)}`);
    }
  }
  return same;
}
