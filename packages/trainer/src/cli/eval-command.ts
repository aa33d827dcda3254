import { Command, InvalidArgumentError, Option } from 'commander';
import { lowPrecisions } from '../config/schema.ts';
import { type EvaluateOptions, evaluate } from '../evaluate.ts';
import { formatAccuracy, formatPrecision } from '../log/console.ts';

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`expected an integer >= 1, got '${text}'.`);
  return value;
}

interface EvalFlags {
  readonly which: 'best' | 'last';
  readonly batchSize?: number;
  readonly dataDir?: string;
  readonly amp?: boolean;
  readonly ampDtype?: (typeof lowPrecisions)[number];
}

/** The precision that the flags name; none leaves it as it was in training. */
function ampOf({ amp, ampDtype }: EvalFlags): Pick<EvaluateOptions, 'amp'> {
  if (amp === false) return { amp: null };
  return amp || ampDtype ? { amp: { dtype: ampDtype ?? null } } : {};
}

/** `bag-of-tricks eval <checkpoint>`: score a checkpoint on its dataset's evaluation images. */
export function evalCommand(): Command {
  return new Command('eval')
    .description('score a run folder or a checkpoint on the evaluation images')
    .argument('<checkpoint>', 'run folder or checkpoint folder')
    .addOption(
      new Option('--which <name>', 'checkpoint of a run folder')
        .choices(['best', 'last'])
        .default('best'),
    )
    .addOption(new Option('-b, --batch-size <n>', 'images a step').argParser(positiveInteger))
    .addOption(new Option('--data-dir <folder>', 'images; default: those of the training'))
    .addOption(new Option('--amp', 'mixed precision, in what the device does fast'))
    .addOption(
      new Option('--amp-dtype <dtype>', 'low precision; default: as trained').choices(
        lowPrecisions,
      ),
    )
    .addOption(new Option('--no-amp', 'evaluate in float32'))
    .action(async (path: string, options: EvalFlags) => {
      const print = (line: string) => process.stdout.write(`${line}\n`);
      let printed = 0;
      const result = await evaluate(path, {
        link: options.which,
        ...(options.dataDir && { dataDir: options.dataDir }),
        ...(options.batchSize && { batchSize: options.batchSize }),
        ...ampOf(options),
        onBadImage: ({ image, reason }) => print(`Skipped: ${image}: ${reason}`),
        onProgress: print,
        onBatchEnd({ done, total }) {
          const percent = Math.floor((100 * done) / total);
          if (percent < printed + 25 && done !== total) return;
          printed = percent;
          print(`Test: [${done}/${total} (${percent}%)]`);
        },
      });
      if (result.precision) formatPrecision(result.precision).forEach(print);
      print(
        `${result.model} from ${result.checkpoint}: ${result.samples} images in ${result.seconds.toFixed(1)} s, loss ${result.loss.toFixed(4)}`,
      );
      print(formatAccuracy(result));
    });
}
