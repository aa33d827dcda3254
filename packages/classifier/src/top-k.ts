/** A class with its probability, in [0, 1]. */
export interface ClassProbability {
  readonly index: number;
  readonly name: string;
  readonly probability: number;
}

/**
 * The `count` most probable classes, the most probable first, and of equal ones the first; all where there are fewer.
 *
 * @example
 * ```ts
 * import { topClasses } from '@bag-of-tricks/classifier';
 *
 * const [first] = topClasses([0.1, 0.7, 0.2], { count: 1, classNames: ['cat', 'dog', 'fox'] });
 * console.log(first); // { index: 1, name: 'dog', probability: 0.7 }
 * ```
 */
export function topClasses(
  probabilities: ArrayLike<number>,
  { count, classNames }: { readonly count: number; readonly classNames: readonly string[] },
): ClassProbability[] {
  return Array.from(probabilities, (probability, index) => ({ probability, index }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count)
    .map(({ index, probability }) => ({ index, name: classNames[index]!, probability }));
}
