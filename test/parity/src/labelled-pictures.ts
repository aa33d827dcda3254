import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Pictures in folders that are named after their classes. */
export interface LabelledPictures {
  readonly root: string;
  /** Below `root`, sorted. */
  readonly names: readonly string[];
  /** Numbers of the classes. */
  readonly labels: readonly number[];
}

/** Lists pictures by class; of each class the first `perClass` by name. */
export function labelledPictures(
  root: string,
  classes: readonly string[],
  perClass = Number.POSITIVE_INFINITY,
): LabelledPictures {
  const folders = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory());
  const names = folders
    .map(({ name }) => name)
    .sort()
    .flatMap((folder) => {
      const pictures = readdirSync(join(root, folder)).filter((name) => /\.jpe?g$/i.test(name));
      return pictures
        .sort()
        .slice(0, perClass)
        .map((name) => `${folder}/${name}`);
    });
  const labels = names.map((name) => classes.indexOf(name.split('/')[0]!));
  return { root, names, labels };
}

/** Of how many rows of scores the label is among the k best. */
export const rightWithin = (
  rows: readonly ArrayLike<number>[],
  labels: readonly number[],
  k: number,
): number =>
  rows.filter((row, i) => {
    const own = row[labels[i]!]!;
    return Array.from(row).filter((one) => one > own).length < k;
  }).length;
