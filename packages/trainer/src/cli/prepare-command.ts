import { join } from 'node:path';
import {
  fileFormatNames,
  type PrepareOptions,
  prepare,
  type Split,
} from '@bag-of-tricks/image-data';
import { command as npx, printable } from '@bag-of-tricks/run-folder';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createCommand } from './command.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { stopOnRequest } from './stop-requests.ts';

const integer = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected an integer, got '${text}'.`);
  return Number(text);
};

type PrepareFlags = Pick<PrepareOptions, 'dataDir' | 'output' | 'dataset' | 'classMap'> &
  Pick<PrepareOptions, 'quality' | 'shardSize' | 'concurrency' | 'badImages'> & {
    /** False for `--no-short-side`. */
    readonly shortSide: number | false;
  };

/** `bag-of-tricks prepare`: copy images into tar shards of reduced size. */
export function prepareCommand(): Command {
  const command = createCommand('prepare').description(
    'copy images into tar shards, reduced to a shorter side; called again, it goes on where it was stopped',
  );
  const number = (flags: string, description: string) =>
    command.addOption(new Option(flags, description).argParser(integer));
  command
    .requiredOption('--data-dir <folder>', 'images, with the splits train and val (or test)')
    .requiredOption('--output <folder>', 'folder that gets train and val')
    .addOption(
      new Option('--dataset <name>', 'form of the images')
        .choices(fileFormatNames)
        .default('folder'),
    )
    .option('--class-map <file>', 'file that fixes the classes and their numbers');
  command.addOption(
    new Option('--short-side <pixels>', 'what the shorter side of larger images becomes')
      .argParser(integer)
      .default(256),
  );
  command.option('--no-short-side', 'copy all images as they are');
  number('--quality <n>', 'of the JPEGs that are written, 1 to 100; default: 92');
  number('--shard-size <n>', 'images a shard; default: 5000');
  number('--concurrency <n>', 'images at work at the same time; default: twice the processors');
  command.addOption(
    new Option('--bad-images <policy>', 'what an unusable image leads to; skip fails beyond 0.1 %')
      .choices(['fail', 'skip'])
      .default('skip'),
  );
  return command.action(run);
}

async function run({ shortSide, ...options }: PrepareFlags): Promise<void> {
  const bars = new Map<Split, ProgressBar>();
  let bar: ProgressBar | undefined;
  const print = (line: string) =>
    bar ? bar.print(printable(line)) : process.stdout.write(`${printable(line)}\n`);
  const { signal, exitCode } = stopOnRequest(print, { what: 'stopping; finished shards are kept' });
  let seen = { images: 0, keptShards: 0 };
  let kept = 0;
  try {
    const manifests = await prepare({
      ...options,
      shortSide: shortSide === false ? null : shortSide,
      signal,
      onProgress(split, { images, totalImages, keptShards }) {
        if (!bars.has(split)) {
          seen = { images: 0, keptShards: 0 };
          kept = 0;
        }
        // A shard that was kept comes in whole.
        if (keptShards > seen.keptShards) kept += images - seen.images;
        seen = { images, keptShards };
        bar = bars.get(split) ?? createProgressBar(process.stdout, { title: split });
        bars.set(split, bar);
        bar.update({ done: images, total: totalImages, kept });
      },
      onBadImage: ({ image, reason }) => print(`Skipped: ${image}: ${reason}`),
      onWarning: print,
    });
    bar = undefined;
    for (const [split, { images, shards }] of Object.entries(manifests)) {
      const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
      const skipped = shards.reduce((sum, shard) => sum + shard.skipped.length, 0);
      print(
        `${join(options.output, split)}: ${images.toLocaleString('en')} images in ${shards.length} ${shards.length === 1 ? 'shard' : 'shards'}, ${(bytes / 1e6).toFixed(1)} MB${skipped > 0 ? `; ${skipped} left out` : ''}`,
      );
    }
    print(`Train on them: ${npx} train --dataset tar --data-dir ${options.output}`);
  } catch (error) {
    if (!signal.aborted) throw error;
    print('Interrupted. The same command goes on from the finished shards');
    process.exitCode = exitCode();
  }
}
