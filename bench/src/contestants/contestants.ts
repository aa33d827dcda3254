import { fileURLToPath } from 'node:url';
import type { LowPrecision } from '@bag-of-tricks/amp';
import type { Precision } from './precision.ts';
import type { Command } from './run-child.ts';
import type { OursSpec, PyTorchSpec, StepSpec } from './step-spec.ts';

/** One side of the comparison, in one of its modes. */
export interface Contestant {
  readonly name: string;
  readonly side: 'ours' | 'pytorch';
  readonly precision: Precision;
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

/** The step that `python/train_step.py` has too, in float32. */
export function oursSpec(spec: StepSpec, changes: Partial<OursSpec> = {}): OursSpec {
  return {
    ...spec,
    execution: 'graph',
    backend: 'tensorflow',
    mixup: false,
    noBiasDecay: true,
    rewrite: false,
    teacher: null,
    wire: 'float32',
    ...changes,
  };
}

function ours(
  name: string,
  changes: Partial<OursSpec>,
  precision: Precision = 'float32',
): Contestant {
  const command: Contestant['command'] = (spec) =>
    oursCommand('train-step', oursSpec(spec, changes));
  return { name, side: 'ours', precision, command };
}

/** PyTorch in every mode that its users reach for. */
function pytorch(prefix: string, amp: LowPrecision | null): Contestant[] {
  const modes = {
    '': { channelsLast: false, compile: false },
    '-channels-last': { channelsLast: true, compile: false },
    '-compile': { channelsLast: false, compile: true },
    '-compile-channels-last': { channelsLast: true, compile: true },
  };
  return Object.entries(modes).map(([suffix, mode]) => ({
    name: `${prefix}${suffix}`,
    side: 'pytorch',
    precision: amp ?? 'float32',
    command: (spec, python) => {
      const pytorchSpec: PyTorchSpec = { ...spec, ...mode, amp };
      return { file: python, args: [pythonProgram('train_step'), JSON.stringify(pytorchSpec)] };
    },
  }));
}

/** The name of our own compiled float32 step, which ratios are taken to. */
export const GRAPH = 'graph';

/** TensorFlow's own rewrite of our float32 step. */
export const REWRITE = 'graph-tf-rewrite';

/** Ours first; then PyTorch. */
export const CONTESTANTS: readonly Contestant[] = [
  ours(GRAPH, {}),
  ours('eager', { execution: 'eager' }),
  ...pytorch('pytorch', null),
];

/** On TensorFlow.js's own backends, without TensorFlow's library: many times slower, so only where they are asked for. */
export const TFJS_CONTESTANTS: readonly Contestant[] = (['wasm', 'cpu'] as const).map((backend) =>
  ours(`tfjs-${backend}`, { execution: 'eager', backend }),
);

/** All in float32, and with `--amp` those in its type. */
export function knownContestants(amp: LowPrecision | undefined): Contestant[] {
  return [...CONTESTANTS, ...(amp === undefined ? [] : ampContestants(amp))];
}

/** Who takes part besides with `--amp`. */
export function ampContestants(amp: LowPrecision): Contestant[] {
  return [
    ours(ampGraph(amp), { amp }, amp),
    // TensorFlow's rewrite to float16 is one for GPUs.
    ...(amp === 'bfloat16' ? [ours(REWRITE, { rewrite: true }, amp)] : []),
    ...pytorch('pytorch-autocast', amp),
  ];
}

/** The name of our own compiled step in mixed precision. */
export function ampGraph(amp: LowPrecision): string {
  return `${GRAPH}-${amp}`;
}

/** @throws RangeError naming the contestants that there are. */
export function findContestants(
  names: readonly string[],
  known: readonly Contestant[] = CONTESTANTS,
): Contestant[] {
  const all = [...known, ...TFJS_CONTESTANTS];
  return names.map((name) => {
    const contestant = all.find((candidate) => candidate.name === name);
    if (contestant) return contestant;
    throw new RangeError(
      `--contestants: expected some of ${all.map((one) => one.name).join(', ')}, got ${JSON.stringify(name)}.` +
        (/autocast|rewrite|float16/.test(name)
          ? ' Those in mixed precision take part with --amp.'
          : ''),
    );
  });
}
