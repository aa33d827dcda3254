import { diagnose, formatDiagnosis } from '@bag-of-tricks/libtensorflow';
import type { Command } from 'commander';
import { command } from '../config/load.ts';
import { exitCodes } from '../errors.ts';
import { printable } from '../log/printable.ts';
import { createCommand } from './command.ts';

/** `bag-of-tricks doctor`: say whether training can run here and how to mend what is missing. */
export function doctorCommand(): Command {
  return createCommand('doctor')
    .description(
      'check Node, the native library, devices and CPU features; exit code 0 when training can run',
    )
    .action(async () => {
      const diagnosis = await diagnose({
        installs: `The first training fetches it; ${command} install does so now.`,
      });
      for (const line of formatDiagnosis(diagnosis).split('\n'))
        process.stdout.write(`${printable(line)}\n`);
      if (!diagnosis.canTrain) process.exitCode = exitCodes.failure;
    });
}
