import { oursCommand, pythonProgram } from './contestants.ts';
import type { InputSpec, OursInputSpec, TorchvisionSpec } from './input-spec.ts';
import type { Command } from './run-child.ts';

/** Who loads images, in one of its modes. */
export interface InputContestant {
  readonly name: string;
  readonly side: 'ours' | 'torchvision';
  /** The process that loads as `spec` says; `python` is the interpreter with torchvision. */
  command(spec: InputSpec, python: string): Command;
}

/** The name of our loader as it comes, which ratios are taken of. */
export const OURS = 'ours';

function ours(name: string, jpeg: OursInputSpec['jpeg']): InputContestant {
  return {
    name,
    side: 'ours',
    command: (spec) => oursCommand('load-images', { ...spec, jpeg } satisfies OursInputSpec),
  };
}

function torchvision(decoder: TorchvisionSpec['decoder'], workers: number): InputContestant {
  return {
    name: `${decoder}-${workers}`,
    side: 'torchvision',
    command: (spec, python) => {
      const torchvisionSpec: TorchvisionSpec = { ...spec, decoder, workers };
      return {
        file: python,
        args: [pythonProgram('load_images'), JSON.stringify(torchvisionSpec)],
      };
    },
  };
}

/** Ours; then torchvision's DataLoader with Pillow, and with its own decoder, in so many worker processes. */
export const INPUT_CONTESTANTS: readonly InputContestant[] = [
  ours(OURS, 'exact'),
  ours('ours-fast', 'fast'),
  ...[1, 2, 4].map((workers) => torchvision('pillow', workers)),
  ...[1, 2, 4].map((workers) => torchvision('torchvision', workers)),
];

/** @throws RangeError naming the contestants that there are. */
export function findInputContestants(names: readonly string[]): InputContestant[] {
  return names.map((name) => {
    const contestant = INPUT_CONTESTANTS.find((candidate) => candidate.name === name);
    if (contestant) return contestant;
    throw new RangeError(
      `--contestants: expected some of ${INPUT_CONTESTANTS.map((known) => known.name).join(', ')}, got ${JSON.stringify(name)}.`,
    );
  });
}
