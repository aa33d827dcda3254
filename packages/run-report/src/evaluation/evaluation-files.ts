import { confusionSvg } from './confusion-svg.ts';
import { type EvaluationContent, mistakesPage } from './mistakes-page.ts';
import { classesCsv, confusionCsv } from './tables.ts';

/** The names of the files that `evaluationFiles` makes. */
export const evaluationFileNames = [
  'classes.csv',
  'confusion.csv',
  'confusion.svg',
  'mistakes.html',
] as const;

/**
 * An evaluation as files by their names: accuracy by class, the confusion matrix as table and picture, and a page with the worst
 * mistakes. Of more than 30 classes the picture shows the pairs that are confused most often.
 *
 * @example
 * ```ts
 * import { confusionOf, evaluationFiles } from '@bag-of-tricks/run-report';
 *
 * const confusion = confusionOf(['cat', 'dog']);
 * confusion.add(0, 0);
 * confusion.add(1, 0);
 * const files = evaluationFiles({ title: 'Evaluation', facts: { Images: '2' }, confusion, mistakes: [] });
 * console.log(files['confusion.csv']); // true \\ predicted,cat,dog ...
 * ```
 */
export function evaluationFiles(
  content: EvaluationContent,
): Record<(typeof evaluationFileNames)[number], string> {
  const { confusion } = content;
  const svg = confusionSvg(confusion);
  return {
    'classes.csv': classesCsv(confusion),
    'confusion.csv': confusionCsv(confusion),
    'confusion.svg': svg,
    'mistakes.html': mistakesPage(content, svg),
  };
}
