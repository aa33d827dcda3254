import type { LowPrecision } from '@bag-of-tricks/amp';
import { type Command, Option } from 'commander';
import { CHECKED_STEPS } from './compare/recipe.ts';
import { LOW_PRECISIONS } from './contestants/precision.ts';
import type { OursSpec } from './contestants/step-spec.ts';
import { names, wholeNumber } from './options.ts';
import { RECIPE_NETWORKS, WORKLOADS } from './workloads.ts';

/** What commander makes of the flags of a measuring command. */
export interface MeasureFlags {
  readonly json?: true;
  readonly networks: string[];
  readonly contestants?: string[];
  readonly rounds: number;
  readonly steps?: number;
  readonly warmup: number;
  readonly threads?: number;
  readonly amp?: LowPrecision;
}

/** The flags of a command that measures one way of running a step. */
export type ExecutionFlags = MeasureFlags & { readonly execution: OursSpec['execution'] };

/** The flags of `scale`. */
export interface ScaleFlags extends MeasureFlags {
  readonly processes?: number[];
  readonly pytorch: boolean;
  readonly testNetworks: boolean;
  readonly rows?: string;
  readonly plot?: string;
}

/** A command with the flags that all have. */
export function command(
  program: Command,
  name: string,
  description: string,
  { isDefault = false } = {},
): Command {
  return program
    .command(name, { isDefault })
    .description(description)
    .option('--json', 'print one JSON object instead of a table')
    .option(
      '--threads <number>',
      'threads within an op (default: what each library chooses)',
      wholeNumber(1),
    );
}

export function networksFlag(): Option {
  const all = WORKLOADS.map(({ network }) => network);
  return new Option('--networks <names>', `networks to train, of ${all.join(', ')}`)
    .argParser(names)
    .default(RECIPE_NETWORKS);
}

/** A command that measures in rounds. */
export function measuringCommand(
  program: Command,
  name: string,
  description: string,
  { rounds, isDefault = false }: { readonly rounds: number; readonly isDefault?: boolean },
): Command {
  return command(program, name, description, { isDefault })
    .addOption(networksFlag())
    .option(
      '--rounds <number>',
      'rounds, each with a process for every contestant',
      wholeNumber(1),
      rounds,
    )
    .option(
      '--steps <number>',
      'timed steps in a process (default: 20 for resnet20d, 5 for resnet50d, 10 for the others)',
      wholeNumber(1),
    )
    .option(
      '--warmup <number>',
      'untimed steps before them',
      wholeNumber(CHECKED_STEPS),
      CHECKED_STEPS,
    );
}

export function contestantsFlag(defaults?: readonly string[]): Option {
  const option = new Option('--contestants <names>', 'who takes part').argParser(names);
  return defaults === undefined ? option : option.default(defaults);
}

export function ampFlag(): Option {
  return new Option('--amp <dtype>', 'mixed precision besides float32').choices(LOW_PRECISIONS);
}

export function executionFlag(): Option {
  return new Option('--execution <way>', 'how the step runs')
    .choices(['graph', 'eager'])
    .default('graph');
}
