import { Command, InvalidArgumentError, Option } from 'commander';
import { evaluate } from '../evaluate.ts';
import { formatAccuracy } from '../log/console.ts';

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`expected an integer >= 1, got '${text}'.`);
  return value;
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
    .action(async (path: string, options: { which: 'best' | 'last'; batchSize?: number }) => {
      const print = (line: string) => process.stdout.write(`${line}\n`);
      let printed = 0;
      const result = await evaluate(path, {
        link: options.which,
        ...(options.batchSize && { batchSize: options.batchSize }),
        onProgress: print,
        onBatchEnd({ done, total }) {
          const percent = Math.floor((100 * done) / total);
          if (percent < printed + 25 && done !== total) return;
          printed = percent;
          print(`Test: [${done}/${total} (${percent}%)]`);
        },
      });
      print(
        `${result.model} from ${result.checkpoint}: ${result.samples} images in ${result.seconds.toFixed(1)} s, loss ${result.loss.toFixed(4)}`,
      );
      print(formatAccuracy(result));
    });
}
