import { writeReport } from '@bag-of-tricks/run-report';
import type { Command } from 'commander';
import { printable } from '../log/printable.ts';
import { createCommand } from './command.ts';

/** `bag-of-tricks report <run folder>`: make the report anew from the files of the run. */
export function reportCommand(): Command {
  return createCommand('report')
    .description('write report.html of a run folder anew from its other files')
    .argument('<run folder>', 'of a run that is finished, interrupted or still going on')
    .action((runFolder: string) => {
      process.stdout.write(`${printable(`Report: ${writeReport(runFolder)}`)}\n`);
    });
}
