import { type Command, runChild } from '../contestants/run-child.ts';
import type { StepResult } from '../contestants/step-spec.ts';
import { median } from '../statistics.ts';
import { foreignShare, readCoreTimes } from './foreign-load.ts';

/** What one process saw, and how much of the machine it had to share. */
export interface Measurement extends StepResult {
  readonly medianStepMs: number;
  /** Ops that a step runs; null where it is not known. */
  readonly opCount: number | null;
  /** The share of the machine, from 0 to 1, that other processes had meanwhile; null where it is not known. */
  readonly foreignShare: number | null;
}

/** Runs one training process. */
export async function measure(command: Command): Promise<Measurement> {
  const before = readCoreTimes();
  const result = await runChild<StepResult>(command);
  return {
    ...result,
    medianStepMs: median(result.stepMs),
    opCount: result.ops?.reduce((total, { count }) => total + count, 0) ?? null,
    foreignShare: foreignShare(before, readCoreTimes(), result.cpuMs),
  };
}
