import { availableParallelism } from 'node:os';
import { findContestants, oursCommand, oursSpec } from '../contestants/contestants.ts';
import type { Command } from '../contestants/run-child.ts';
import type { OursSpec, StepSpec } from '../contestants/step-spec.ts';

/** Who trains on one batch, in so many processes. */
export interface ScaleContestant {
  readonly name: string;
  readonly processes: number;
  /** The type of what is exchanged; null: each process trains alone on its part, beside the others, which shows what the exchange costs. */
  readonly wire: OursSpec['wire'];
  command(spec: StepSpec, python: string): Command;
}

/** The name of our one process with all threads, which ratios are taken to. */
export const WHOLE = 'ours-1';

/** How many processes are measured where nothing is asked for: 1, 2, 4 and 8, as far as there are cores. */
export function processCounts(cores = availableParallelism()): number[] {
  return [1, 2, 4, 8].filter((count) => count <= Math.max(1, cores));
}

/** Ours, with 16 bits on the wire too, and without the exchange, and PyTorch, which is DistributedDataParallel over gloo in a group. */
export function scaleContestants(processes: readonly number[], pytorch = true): ScaleContestant[] {
  const [channelsLast] = findContestants(['pytorch-channels-last']);
  const ours = (name: string, processes: number, wire: OursSpec['wire']): ScaleContestant => ({
    ...{ name, processes, wire },
    command: (spec) => oursCommand('train-step', oursSpec(shared(spec, processes), { wire })),
  });
  const theirs = (name: string, processes: number): ScaleContestant => ({
    ...{ name, processes, wire: 'float32' },
    command: (spec, python) => channelsLast!.command(shared(spec, processes), python),
  });
  return [...new Set([1, ...processes])].flatMap((size) => [
    ours(`ours-${size}`, size, 'float32'),
    ...(size === 1
      ? []
      : [ours(`ours-${size}-bfloat16`, size, 'bfloat16'), ours(`ours-${size}-apart`, size, null)]),
    ...(pytorch ? [theirs(size === 1 ? 'pytorch-1' : `ddp-${size}`, size)] : []),
  ]);
}

const shared = (spec: StepSpec, processes: number): StepSpec => ({
  ...spec,
  threads: Math.max(1, Math.floor(availableParallelism() / processes)),
});
