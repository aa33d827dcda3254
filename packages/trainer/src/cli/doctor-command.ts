import { diagnose, formatDiagnosis } from '@bag-of-tricks/libtensorflow';
import { printable, command as run } from '@bag-of-tricks/run-folder';
import type { Command } from 'commander';
import { benchmark } from '../benchmark/benchmark.ts';
import { formatBenchmark } from '../benchmark/format-benchmark.ts';
import { exitCodes } from '../errors.ts';
import { createCommand } from './command.ts';
import { withoutLibrary } from './describe-error.ts';
import { positiveInteger } from './flags.ts';

interface DoctorFlags {
  readonly benchmark?: true;
  readonly model?: string;
  readonly imageSize?: number;
  readonly batchSize?: number;
  readonly seconds?: number;
  readonly xla: boolean;
}

function print(text: string): void {
  for (const line of text.split('\n')) process.stdout.write(`${printable(line)}\n`);
}

/** `bag-of-tricks doctor`: say whether training can run here and how to mend what is missing. */
export function doctorCommand(): Command {
  return createCommand('doctor')
    .description(
      'check Node, the native library, devices and CPU features; exit code 0 when training can run',
    )
    .option(
      '--benchmark',
      'then train the recipe for some seconds in each precision, with XLA and without: a text for an issue, in less than ten minutes',
    )
    .option('--model <name>', 'network of the benchmark (default: resnet50d)')
    .option('--image-size <pixels>', 'its images (default: 224)', positiveInteger)
    .option('--batch-size <n>', 'images a step (default: 64 on a GPU, 8 on a CPU)', positiveInteger)
    .option('--seconds <n>', 'timed steps of each (default: 15)', positiveInteger)
    .option('--no-xla', 'without XLA alone')
    .action(async ({ benchmark: isAsked, xla, ...options }: DoctorFlags, command: Command) => {
      const given = command.options.find(
        (one) => command.getOptionValueSource(one.attributeName()) === 'cli',
      );
      if (!isAsked && given)
        command.error(
          `error: expected --benchmark with ${given.long}, got none. Add it, or leave ${given.long} out`,
        );
      const diagnosis = await diagnose({
        installs: `The first training fetches it; ${run} install does so now.`,
      });
      print(formatDiagnosis(diagnosis));
      if (!diagnosis.canTrain) {
        print(withoutLibrary);
        process.exitCode = exitCodes.failure;
      } else if (isAsked) {
        const onProgress = (what: string) => process.stderr.write(`measuring: ${what}\n`);
        const measured = { ...options, ...(!xla && { xla: [false] }), onProgress };
        const seen = await benchmark(measured);
        print(`\n${formatBenchmark(seen)}`);
        if (seen.rows.every(({ timed }) => timed === null)) process.exitCode = exitCodes.failure;
      }
    });
}
