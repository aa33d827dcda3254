import { addAbortSignal } from 'node:stream';
import { findImages } from '@bag-of-tricks/image-data';
import { printable } from '@bag-of-tricks/run-folder';
import type { Trick } from '@bag-of-tricks/train-step';
import { type Command, Option } from 'commander';
import { exitCodes } from '../errors.ts';
import { type Classifier, loadClassifier, type UnusableImage } from '../inference/classifier.ts';
import { readClassNames } from '../inference/open-model.ts';
import { createCommand } from './command.ts';
import { positiveInteger } from './flags.ts';
import {
  type PredictionFormatName,
  predictionFormats,
  predictionHeader,
} from './format-predictions.ts';
import { pluginOption } from './plugins.ts';
import { stopOnRequest } from './stop-requests.ts';

interface PredictFlags {
  readonly top: number;
  readonly format: PredictionFormatName;
  readonly which: 'best' | 'last';
  readonly batchSize: number;
  readonly workers?: number;
  readonly classNames?: string;
  readonly backend?: string;
}

/** To stderr, beside the predictions. */
const say = (line: string) => void process.stderr.write(`${printable(line)}\n`);

/** `bag-of-tricks predict <weights> <images...>`: the most probable classes of pictures. */
export function predictCommand(plugins: readonly Trick[] = []): Command {
  return createCommand('predict')
    .description('say what is on pictures: the most probable classes of each')
    .argument(
      '<weights>',
      'run folder, checkpoint, .safetensors file named after its network or beside a config.json, or hf:owner/name',
    )
    .argument('<images...>', 'files, folders, patterns, or - for paths from stdin, one a line')
    .addOption(new Option('--top <k>', 'classes an image').argParser(positiveInteger).default(5))
    .addOption(
      new Option('--format <name>', 'form of the output')
        .choices(Object.keys(predictionFormats))
        .default('table'),
    )
    .addOption(
      new Option('--which <name>', 'checkpoint of a run folder')
        .choices(['best', 'last'])
        .default('best'),
    )
    .addOption(
      new Option('-b, --batch-size <n>', 'images a step').argParser(positiveInteger).default(32),
    )
    .addOption(
      new Option('--workers <n>', 'threads that decode; default: one a core').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--class-names <file>', 'JSON array or lines; default: those of the weights'),
    )
    .addOption(new Option('--backend <name>', 'what computes; default: as trained'))
    .addOption(pluginOption())
    .action(async (weights: string, images: string[], flags: PredictFlags) => {
      const stop = stopOnRequest(say, { what: 'finishing this batch', saves: false });
      try {
        await predictAll(weights, images, { ...flags, plugins, signal: stop.signal });
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
      if (stop.signal.aborted) process.exitCode = stop.exitCode();
    });
}

interface PredictOptions extends PredictFlags {
  readonly plugins: readonly Trick[];
  readonly signal: AbortSignal;
}

async function predictAll(
  weights: string,
  images: readonly string[],
  { which: link, classNames: file, ...options }: PredictOptions,
): Promise<void> {
  const classNames = file ? await readClassNames(file) : undefined;
  const given = { ...options, link, classNames, onProgress: say };
  const classifier = await loadClassifier(weights, given);
  try {
    const { predicted, bad } = await printPredictions(classifier, images, options);
    if (predicted + bad === 0 && !options.signal.aborted) {
      throw new Error(
        `predict: expected images in ${images.join(', ')}, found none. Check the paths`,
      );
    }
    if (bad === 0) return;
    say(`${bad} of ${predicted + bad} images cannot be used and are left out`);
    process.exitCode = exitCodes.failure;
  } finally {
    await classifier.dispose();
  }
}

/** Prints the predictions of all images, batch by batch, and names those that cannot be used. */
async function printPredictions(
  classifier: Classifier,
  inputs: readonly string[],
  { format, top, signal }: Pick<PredictOptions, 'format' | 'top' | 'signal'>,
): Promise<{ readonly predicted: number; readonly bad: number }> {
  const print = (lines: readonly string[]) =>
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  let [predicted, bad] = [0, 0];
  const onBadImage = ({ image, reason }: UnusableImage) => {
    bad += 1;
    say(`Left out: ${image}: ${reason}`);
  };
  const header = predictionHeader(format);
  if (header) print([header]);
  const lines = inputs.includes('-') ? addAbortSignal(signal, process.stdin) : undefined;
  for await (const source of findImages(inputs, { lines, onWarning: say, signal })) {
    const batches = classifier.classifySource(source, { top, signal, onBadImage });
    for await (const batch of batches) {
      const named = batch.map((one) => ({ file: source.describe(one.index), top: one.top }));
      print(predictionFormats[format].lines(named));
      predicted += batch.length;
    }
    if (signal.aborted) break;
  }
  return { predicted, bad };
}
