/**
 * Compares names of classes with the rows of the last layer, which alone says how many classes weights are for.
 *
 * @param from Where the names are from, for the message.
 *
 * @example
 * ```ts
 * import { checkClassNames } from '@bag-of-tricks/pretrained';
 *
 * checkClassNames(['cat', 'dog'], { numClasses: 2, from: 'names.json' });
 * ```
 *
 * @throws Error when there is not one name a class.
 */
export function checkClassNames(
  names: readonly string[],
  { numClasses, from }: { readonly numClasses: number; readonly from: string },
): void {
  if (names.length === numClasses) return;
  throw new Error(
    `${from}: expected the names of ${numClasses} classes, got ${names.length}. Give one name a class, or none`,
  );
}

/** Where the names are from that weights come with. */
export const namesOfWeights = 'label_names of the config.json';
