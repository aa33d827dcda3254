import { checkFactor, checkInteger, checkNumber, checkPositive } from './check.ts';

export interface ReduceOnPlateauOptions {
  /** Learning rate to begin with, > 0. */
  readonly base: number;
  /** Whether the metric is better when lower (`min`, a loss) or higher (`max`, an accuracy). Default `min`. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by, strictly between 0 and 1. Default 0.1. */
  readonly factor?: number;
  /** Metrics without improvement that are put up with before the rate falls: an integer >= 0. Default 10. */
  readonly patience?: number;
  /** Smallest change that counts as an improvement, >= 0. Default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a part of the best metric or an amount. Default `relative`. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Metrics after a fall during which none is counted as bad: an integer >= 0. Default 0. */
  readonly cooldown?: number;
  /** The rate never falls below this, between 0 and `base`. Default 0. */
  readonly end?: number;
  /** A fall of no more than this is not made, >= 0. Default 1e-8. */
  readonly minimumChange?: number;
}

/** Everything that changes over a run; plain JSON, for a checkpoint. */
export interface ReduceOnPlateauState {
  readonly learningRate: number;
  /** Best metric so far; `null` before the first. */
  readonly best: number | null;
  /** Metrics since the last improvement. */
  readonly badMetrics: number;
  /** Metrics left of the cooldown. */
  readonly cooldownLeft: number;
}

export interface ReduceOnPlateau {
  /** The rate to use now. */
  readonly learningRate: number;
  /** Takes the metric of an evaluation and returns the rate to use from here on. */
  update(metric: number): number;
  /** The state after the last update. */
  getState(): ReduceOnPlateauState;
  /** Goes on from a state that `getState` gave. */
  setState(state: ReduceOnPlateauState): void;
}

/**
 * Lowers the learning rate when a metric stops improving, as PyTorch's `ReduceLROnPlateau`.
 *
 * A metric `a` improves on `best` when, for `min` and `max`:
 *
 * - `relative`: `a < best * (1 - threshold)` and `a > best * (1 + threshold)`
 * - `absolute`: `a < best - threshold` and `a > best + threshold`
 *
 * After more than `patience` metrics in a row without improvement: `lr = max(lr * factor, end)`.
 *
 * @example
 * ```ts
 * import { reduceOnPlateau } from '@bag-of-tricks/lr-schedules';
 *
 * const plateau = reduceOnPlateau({ base: 0.1, mode: 'max', patience: 5 });
 * for (const accuracy of [0.61, 0.67, 0.66]) {
 *   const learningRate = plateau.update(accuracy);
 * }
 * const saved = JSON.stringify(plateau.getState());
 * ```
 *
 * The paper has no such schedule. Where PyTorch takes NaN for a bad metric, this throws. As in PyTorch, `relative`
 * with a negative best metric asks for less than no improvement: use `absolute` there.
 *
 * @throws RangeError when an option, a metric or a restored number is out of range.
 * @throws TypeError when `mode` or `thresholdMode` is unknown.
 */
export function reduceOnPlateau({
  base,
  mode = 'min',
  factor = 0.1,
  patience = 10,
  threshold = 1e-4,
  thresholdMode = 'relative',
  cooldown = 0,
  end = 0,
  minimumChange = 1e-8,
}: ReduceOnPlateauOptions): ReduceOnPlateau {
  checkChoice('mode', mode, ['min', 'max']);
  checkChoice('thresholdMode', thresholdMode, ['relative', 'absolute']);
  checkPositive('reduceOnPlateau', 'base', base);
  checkFactor('reduceOnPlateau', factor);
  checkInteger('reduceOnPlateau', 'patience', patience, 0);
  checkNumber('reduceOnPlateau', 'threshold', threshold);
  checkInteger('reduceOnPlateau', 'cooldown', cooldown, 0);
  checkNumber('reduceOnPlateau', 'end', end, { maximum: base });
  checkNumber('reduceOnPlateau', 'minimumChange', minimumChange);

  const direction = mode === 'min' ? -1 : 1;
  const improves = (metric: number, best: number): boolean => {
    const margin = direction * threshold;
    const bar = thresholdMode === 'relative' ? best * (1 + margin) : best + margin;
    return direction * metric > direction * bar;
  };
  const reduced = (learningRate: number): number => {
    const lower = Math.max(learningRate * factor, end);
    return learningRate - lower > minimumChange ? lower : learningRate;
  };

  let state: ReduceOnPlateauState = {
    learningRate: base,
    best: null,
    badMetrics: 0,
    cooldownLeft: 0,
  };
  return {
    get learningRate() {
      return state.learningRate;
    },
    update(metric) {
      checkNumber('reduceOnPlateau', 'metric', metric, { minimum: -Number.MAX_VALUE });
      const improved = state.best === null || improves(metric, state.best);
      // + 0: JSON has no -0.
      const best = improved ? metric + 0 : state.best;
      const cooling = state.cooldownLeft > 0;
      const badMetrics = improved || cooling ? 0 : state.badMetrics + 1;
      state =
        badMetrics > patience
          ? {
              learningRate: reduced(state.learningRate),
              best,
              badMetrics: 0,
              cooldownLeft: cooldown,
            }
          : { ...state, best, badMetrics, cooldownLeft: Math.max(state.cooldownLeft - 1, 0) };
      return state.learningRate;
    },
    getState: () => state,
    setState({ learningRate, best, badMetrics, cooldownLeft }) {
      checkNumber('reduceOnPlateau', 'learningRate', learningRate);
      if (best !== null) {
        checkNumber('reduceOnPlateau', 'best', best, { minimum: -Number.MAX_VALUE });
      }
      checkInteger('reduceOnPlateau', 'badMetrics', badMetrics, 0);
      checkInteger('reduceOnPlateau', 'cooldownLeft', cooldownLeft, 0);
      state = { learningRate, best, badMetrics, cooldownLeft };
    },
  };
}

function checkChoice(name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new TypeError(
    `reduceOnPlateau: expected ${name} to be one of ${choices.join(', ')}, got ${JSON.stringify(value)}. Pass one of them.`,
  );
}
