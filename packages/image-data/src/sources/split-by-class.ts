import { seededRandom } from '@bag-of-tricks/random';
import { requireShare } from '../check.ts';
import type { ImageSource } from '../source.ts';

/** Options of `splitByClass`. */
export interface SplitByClassOptions {
  /** Share of each class's images that are kept for validation. Default: 0.2. */
  readonly share?: number;
  /** Of what is drawn. */
  readonly seed: number;
  /** Of an image that is an earlier one of its class again, the index of that one: both come to the same side. Default: none is. */
  readonly same?: ReadonlyMap<number, number>;
}

/**
 * Splits a source in two, class by class: of n images of a class round(share n) are for validation, but at least one and at most n - 1; a
 * class of one image has none. Which ones depends on the seed and their own names alone, so that images that are added or removed move few others.
 *
 * @example
 * ```ts no-run
 * import { imageFolder, splitByClass } from '@bag-of-tricks/image-data';
 *
 * const { train, val } = splitByClass(await imageFolder('photos'), { share: 0.2, seed: 42 });
 * ```
 *
 * @returns Both parts; closing one of them closes the source.
 * @throws RangeError if the share is none, or no class has two images.
 */
export function splitByClass(
  source: ImageSource,
  { share = 0.2, seed, same = new Map() }: SplitByClassOptions,
): { readonly train: ImageSource; readonly val: ImageSource } {
  requireShare('splitByClass', 'share', share);
  const ofClass = source.classNames.map((): Group[] => []);
  const groups = new Map<number, Group>();
  const isFirst = new Set(same.values());
  for (let index = 0; index < source.size; index++) {
    const group = groups.get(same.get(index) ?? -1);
    if (group) {
      group.indices.push(index);
      continue;
    }
    const name = source.listing?.at(index).name ?? source.describe(index);
    const draw = seededRandom(seed, 'val-split', name)();
    const alone = { indices: [index], draw };
    if (isFirst.has(index)) groups.set(index, alone);
    ofClass[source.label(index)]!.push(alone);
  }
  const isVal = new Uint8Array(source.size);
  for (const images of ofClass) {
    const size = images.reduce((sum, { indices }) => sum + indices.length, 0);
    const count = Math.min(size - 1, Math.max(1, Math.round(share * size)));
    images.sort((a, b) => a.draw - b.draw || a.indices[0]! - b.indices[0]!);
    // Where all are one image, it cannot be kept from both sides.
    const kept =
      images.length === 1
        ? images[0]!.indices.slice(0, count)
        : firstOf(images, count).flatMap(({ indices }) => indices);
    for (const index of kept) isVal[index] = 1;
  }
  const part = (val: number) => {
    const indices = Uint32Array.from(isVal.keys()).filter((index) => isVal[index] === val);
    return subset(source, indices);
  };
  if (!isVal.includes(1)) {
    throw new RangeError(
      `splitByClass: expected a class of at least two images, one to train on and one to validate on, got ${source.size} images of ${source.classNames.length} classes in ${source.name}. Add images.`,
    );
  }
  return { train: part(0), val: part(1) };
}

/** Images that stay together. */
interface Group {
  readonly indices: number[];
  readonly draw: number;
}

/** The first groups that have no more than `count` images together; where each has more, the smallest that is not all. */
function firstOf(groups: readonly Group[], count: number): readonly Group[] {
  let left = count;
  const fitting = groups.filter(({ indices: { length } }) => {
    const fits = length <= left;
    if (fits) left -= length;
    return fits;
  });
  if (fitting.length > 0 || groups.length < 2) return fitting;
  return groups.toSorted((a, b) => a.indices.length - b.indices.length).slice(0, 1);
}

/** Some images of a source, in the given order. */
function subset(source: ImageSource, at: Uint32Array): ImageSource {
  const { listing } = source;
  const place = (index: number) => at[index] ?? source.size;
  return {
    name: source.name,
    classNames: source.classNames,
    size: at.length,
    describe: (index) => source.describe(place(index)),
    label: (index) => source.label(place(index)),
    read: (index, signal) => source.read(place(index), signal),
    inMemory: (index) => source.inMemory?.(place(index)),
    ...(listing && { listing: { count: at.length, at: (index) => listing.at(place(index)) } }),
    close: () => source.close(),
  };
}
