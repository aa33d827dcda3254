export {
  type ClassScore,
  type ConfusedPair,
  type Confusion,
  confusionOf,
} from './evaluation/confusion.ts';
export { evaluationFileNames, evaluationFiles } from './evaluation/evaluation-files.ts';
export type { EvaluationContent, Mistake } from './evaluation/mistakes-page.ts';
export { csvLine } from './evaluation/tables.ts';
export { type ReportWriter, reportWriter, writeReport } from './report-writer.ts';
