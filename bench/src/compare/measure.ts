import { type Command, runChild } from '../contestants/run-child.ts';
import type { StepResult } from '../contestants/step-spec.ts';
import { median } from '../statistics.ts';

/** What one process saw, in figures. */
export interface Measurement extends StepResult {
  readonly medianStepMs: number;
  /** Ops that a step runs; null where it is not known. */
  readonly opCount: number | null;
}

/** Runs one training process. */
export async function measure(command: Command): Promise<Measurement> {
  const result = await runChild<StepResult>(command);
  return {
    ...result,
    medianStepMs: median(result.stepMs),
    opCount: result.ops?.reduce((total, { count }) => total + count, 0) ?? null,
  };
}
