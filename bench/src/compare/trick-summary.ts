import { type Spread, spreadOf } from '../statistics.ts';
import type { Measurement } from './measure.ts';
import type { TrickVariant } from './trick-variants.ts';

/** The step of the recipe, or one with a change. */
export interface TrickSummary {
  /** null for the step of the recipe. */
  readonly trick: string | null;
  /** Whether the step is the recipe's without the trick, or with it; null for the recipe itself. */
  readonly change: TrickVariant['change'] | null;
  readonly stepMs: Spread;
  readonly opCount: number | null;
  /** What the trick adds to a step, in milliseconds; negative when it makes the step faster. */
  readonly costMs: number;
  /** The same as a share of the recipe's step. */
  readonly costShare: number;
  /** How many ops the trick adds. */
  readonly costOps: number | null;
}

type Rounds = readonly Pick<Measurement, 'medianStepMs' | 'opCount'>[];

/** Turns rounds of the recipe's step, and of steps with one change each, into figures. */
export function summarizeTricks(
  recipe: Rounds,
  variants: readonly (Pick<TrickVariant, 'trick' | 'change'> & { readonly rounds: Rounds })[],
): TrickSummary[] {
  const full = figures(recipe);
  const changed = variants.map(({ trick, change, rounds }): TrickSummary => {
    const { stepMs, opCount } = figures(rounds);
    const sign = change === 'with' ? 1 : -1;
    const costMs = sign * (stepMs.median - full.stepMs.median);
    const costOps =
      opCount === null || full.opCount === null ? null : sign * (opCount - full.opCount);
    return {
      trick,
      change,
      stepMs,
      opCount,
      costMs,
      costShare: costMs / full.stepMs.median,
      costOps,
    };
  });
  return [{ trick: null, change: null, ...full, costMs: 0, costShare: 0, costOps: 0 }, ...changed];
}

function figures(rounds: Rounds): Pick<TrickSummary, 'stepMs' | 'opCount'> {
  return {
    stepMs: spreadOf(rounds.map(({ medianStepMs }) => medianStepMs)),
    opCount: rounds[0]!.opCount,
  };
}
