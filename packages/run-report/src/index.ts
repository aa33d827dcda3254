export { type ReportWriter, reportWriter, writeReport } from './report-writer.ts';
