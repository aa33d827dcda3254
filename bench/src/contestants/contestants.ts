import { fileURLToPath } from 'node:url';
import type { Command } from './run-child.ts';
import type { OursSpec, PyTorchSpec, StepSpec } from './step-spec.ts';

/** One side of the comparison, in one of its modes. */
export interface Contestant {
  readonly name: string;
  readonly side: 'ours' | 'pytorch';
  /** The process that trains as `spec` says; `python` is the interpreter with PyTorch. */
  command(spec: StepSpec, python: string): Command;
}

/** The program that runs one of our tasks in a process of its own. */
export function oursCommand(task: string, spec: unknown): Command {
  const program = fileURLToPath(new URL('../ours/child.js', import.meta.url));
  return { file: process.execPath, args: [program, task, JSON.stringify(spec)] };
}

/** A Python program of this package. */
export function pythonProgram(name: string): string {
  return fileURLToPath(new URL(`../../python/${name}.py`, import.meta.url));
}

function ours(execution: OursSpec['execution']): Contestant {
  return {
    name: execution,
    side: 'ours',
    command: (spec) => {
      const oursSpec: OursSpec = { mixup: false, noBiasDecay: true, ...spec, execution };
      return oursCommand('train-step', oursSpec);
    },
  };
}

function pytorch(name: string, mode: Pick<PyTorchSpec, 'channelsLast' | 'compile'>): Contestant {
  return {
    name: `pytorch${name}`,
    side: 'pytorch',
    command: (spec, python) => {
      const pytorchSpec: PyTorchSpec = { ...spec, ...mode };
      return { file: python, args: [pythonProgram('train_step'), JSON.stringify(pytorchSpec)] };
    },
  };
}

/** Ours first; then PyTorch in every mode that its users reach for. */
export const CONTESTANTS: readonly Contestant[] = [
  ours('graph'),
  ours('eager'),
  pytorch('', { channelsLast: false, compile: false }),
  pytorch('-channels-last', { channelsLast: true, compile: false }),
  pytorch('-compile', { channelsLast: false, compile: true }),
  pytorch('-compile-channels-last', { channelsLast: true, compile: true }),
];

/** @throws RangeError naming the contestants that there are. */
export function findContestants(names: readonly string[]): Contestant[] {
  return names.map((name) => {
    const contestant = CONTESTANTS.find((candidate) => candidate.name === name);
    if (contestant) return contestant;
    throw new RangeError(
      `--contestants: expected some of ${CONTESTANTS.map((known) => known.name).join(', ')}, got ${JSON.stringify(name)}.`,
    );
  });
}
