import { join } from 'node:path';
import { formatAccuracy, printable } from '@bag-of-tricks/run-folder';
import type { Trick } from '@bag-of-tricks/train-step';
import { type Command, Option } from 'commander';
import { withPlugins } from '../config/known-tricks.ts';
import { mergeConfig, type PartialConfig } from '../config/load.ts';
import { evaluate } from '../evaluate.ts';
import { checkReportFolder, reportFolder } from '../evaluation/report.ts';
import { createCommand } from './command.ts';
import { trickFlags } from './flag-table.ts';
import { addConfigFlags, positiveInteger } from './flags.ts';
import { checkWritable } from './output-folder.ts';
import { pluginOption } from './plugins.ts';

interface EvalFlags {
  readonly which: 'best' | 'last';
  readonly batchSize?: number;
  readonly dataDir?: string;
  readonly output?: string;
  readonly report: boolean;
  readonly backend?: string;
}

/** Where the report goes; a default that cannot be written is said, and no reason to end. */
function reportOutput(
  path: string,
  { report, output, which }: EvalFlags,
  print: (line: string) => void,
): string | undefined {
  if (!report) return undefined;
  try {
    const folder = output ?? reportFolder(path, which);
    checkReportFolder(folder);
    checkWritable(folder);
    return folder;
  } catch (error) {
    if (output) throw error;
    print(`No report: ${(error as Error).message}`);
    return undefined;
  }
}

/** `bag-of-tricks eval <checkpoint>`: score a checkpoint on its dataset's evaluation images. */
export function evalCommand(plugins: readonly Trick[] = []): Command {
  const known = withPlugins(plugins);
  const acting = known.filter(({ evaluates }) => evaluates);
  let settings: PartialConfig = {};
  const command = createCommand('eval')
    .description('score a run folder or a checkpoint on the evaluation images')
    .argument('<checkpoint>', 'run folder or checkpoint folder')
    .addOption(
      new Option('--which <name>', 'checkpoint of a run folder')
        .choices(['best', 'last'])
        .default('best'),
    )
    .addOption(new Option('-b, --batch-size <n>', 'images a step').argParser(positiveInteger))
    .addOption(new Option('--data-dir <folder>', 'images; default: those of the training'))
    .addOption(
      new Option(
        '--output <folder>',
        'for confusion matrix, accuracy by class and worst mistakes; default: evaluation in the run folder',
      ),
    )
    .addOption(new Option('--no-report', 'write no such folder'))
    .addOption(new Option('--backend <name>', 'what computes; default: as trained'))
    .addOption(pluginOption())
    .action(async (path: string, options: EvalFlags) => {
      const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
      let printed = 0;
      const output = reportOutput(path, options, print);
      const result = await evaluate(path, {
        link: options.which,
        plugins,
        output,
        settings: mergeConfig(settings, {
          ...(options.dataDir && { dataDir: options.dataDir }),
          ...(options.backend && { backend: options.backend }),
        }),
        ...(options.batchSize && { batchSize: options.batchSize }),
        onBadImage: ({ image, reason }) => print(`Skipped: ${image}: ${reason}`),
        onProgress: print,
        onBatchEnd({ done, total }) {
          const percent = Math.floor((100 * done) / total);
          if (percent < printed + 25 && done !== total) return;
          printed = percent;
          print(`Test: [${done}/${total} (${percent}%)]`);
        },
      });
      result.notes.forEach(print);
      print(
        `${result.model} from ${result.checkpoint}: ${result.samples} images in ${result.seconds.toFixed(1)} s, loss ${result.loss.toFixed(4)}`,
      );
      print(formatAccuracy(result));
      if (output) print(`Report: ${join(output, 'mistakes.html')}`);
    });
  const table = {
    'Tricks that act on evaluation; default: as trained:': acting.flatMap(trickFlags),
  };
  addConfigFlags(command, { table, known }, (setting) => {
    settings = mergeConfig(settings, setting);
  });
  return command;
}
