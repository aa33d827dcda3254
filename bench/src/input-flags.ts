import { type Command, Option } from 'commander';
import type { InputOptions } from './commands/input.ts';
import { INPUT_CONTESTANTS } from './contestants/input-contestants.ts';
import type { InputSpec } from './contestants/input-spec.ts';
import { contestantsFlag } from './flags.ts';
import { someOf, wholeNumber } from './options.ts';

/** What commander makes of the flags of `input`. */
export interface InputFlags {
  readonly json?: true;
  readonly dataDir?: string;
  readonly contestants: string[];
  readonly transforms: InputSpec['transform'][];
  readonly antialias: ('on' | 'off')[];
  readonly rounds: number;
  readonly images: number;
  readonly epochs: number;
}

/** The command `input` with its flags. */
export function inputCommand(program: Command): Command {
  return program
    .command('input')
    .description('loading and augmenting photographs: ours against torchvision')
    .option('--json', 'print one JSON object instead of a table')
    .option(
      '--data-dir <folder>',
      'an image folder, one subfolder a class (default: 200 JPEGs made for it)',
    )
    .addOption(contestantsFlag(INPUT_CONTESTANTS.map(({ name }) => name)))
    .addOption(
      new Option('--transforms <names>', 'random crops, or centred ones')
        .argParser(someOf(['train', 'eval']))
        .default(['train', 'eval']),
    )
    .addOption(
      new Option('--antialias <names>', 'how all shrink images')
        .argParser(someOf(['off', 'on']))
        .default(['off', 'on']),
    )
    .option(
      '--rounds <number>',
      'rounds, each with a process for every contestant',
      wholeNumber(1),
      3,
    )
    .option('--epochs <number>', 'timed epochs, after one that warms up', wholeNumber(1), 3)
    .option(
      '--images <number>',
      'images an epoch, of a small folder repeatedly',
      wholeNumber(64),
      1600,
    );
}

/** What the flags mean. */
export function inputOptions(
  flags: InputFlags,
  rest: Pick<InputOptions, 'contestants' | 'python' | 'workFolder' | 'report'>,
): InputOptions {
  return {
    ...rest,
    dataDir: flags.dataDir ?? null,
    transforms: flags.transforms,
    antialias: flags.antialias.map((choice) => choice === 'on'),
    rounds: flags.rounds,
    imagesPerEpoch: flags.images,
    epochs: flags.epochs,
  };
}
