import type { Confusion } from './confusion.ts';

/** A line of RFC 4180, without its end. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  cells
    .map((value) => {
      const text = String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');

const csv = (rows: readonly (readonly (string | number)[])[]) =>
  rows.map((row) => `${csvLine(row)}\n`).join('');

/** More classes make a table that nothing opens: then a row a pair. */
const widestTable = 4096;

/** A row a true class, a column a predicted one. */
export function confusionCsv(confusion: Confusion): string {
  const { classNames, count } = confusion;
  if (classNames.length > widestTable) {
    const rows = confusion.pairs().map(({ label, predicted, images }) => {
      return [classNames[label]!, classNames[predicted]!, images];
    });
    return csv([['true', 'predicted', 'images'], ...rows]);
  }
  const rows = classNames.map((name, label) => [
    name,
    ...classNames.map((_, i) => count(label, i)),
  ]);
  return csv([['true \\ predicted', ...classNames], ...rows]);
}

/** A row a class: its images, how many are right, and what the others are taken for most often. */
export function classesCsv(confusion: Confusion): string {
  const { classNames } = confusion;
  const rows = confusion
    .scores()
    .map(({ images, right, worst }, label) => [
      ...[label, classNames[label]!, images, right],
      images === 0 ? '' : ((100 * right) / images).toFixed(2),
      ...(worst ? [classNames[worst.predicted]!, worst.images] : ['', '']),
    ]);
  const head = ['index', 'class', 'images', 'right', 'accuracy_percent'];
  return csv([[...head, 'most_taken_for', 'images_taken_for_it'], ...rows]);
}
