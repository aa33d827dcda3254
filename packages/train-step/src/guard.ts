import { ConfigError, DivergenceError } from '../errors.ts';
import { nearestName } from '../nearest.ts';
import type { Stages, Wrap } from './stages.ts';
import type { TrickParts } from './trick.ts';

const stages = ['prepare', 'loss', 'gradients', 'step', 'evaluate'] as const;

/** Every part that a trick may have; a new one that is missing here does not compile. */
const partNames: Readonly<Record<keyof TrickParts, true>> = {
  ...{ draws: true, prepare: true, loss: true, gradients: true, step: true, evaluate: true },
  ...{ state: true, weights: true, columns: true, data: true, afterStep: true, notes: true },
  dispose: true,
};

// biome-ignore lint/suspicious/noExplicitAny: functions of every stage, which are handed on as they are
type AnyFunction = (...given: any[]) => any;

/** The error with the name of the trick; errors that speak to the user of the run stay what they are. */
function named(trick: string, error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof DivergenceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const own = message.startsWith(`${trick}: `) ? message.slice(trick.length + 2) : message;
  return new Error(`trick ${trick}: ${own}`, { cause: error });
}

/** Calls a function of a trick; what it throws names the trick. */
export function blaming<Result>(trick: string, call: () => Result): Result {
  const blame = (error: unknown) => {
    throw named(trick, error);
  };
  try {
    const result = call();
    return result instanceof Promise ? (result.catch(blame) as Result) : result;
  } catch (error) {
    return blame(error);
  }
}

/** A function, and the one that it may return, with what they return and throw passed on through others. */
function watched(
  inner: AnyFunction,
  on: { result?(result: unknown): void; error(error: unknown): unknown },
): AnyFunction {
  return (...given) => {
    let result: unknown;
    try {
      result = inner(...given);
      on.result?.(result);
    } catch (error) {
      throw on.error(error);
    }
    return typeof result === 'function' ? watched(result as AnyFunction, on) : result;
  };
}

/** A wrapper whose own errors name the trick; those of the stage inside of it pass. */
function guardStage(trick: string, stage: string, wrap: (inner: AnyFunction) => unknown) {
  const expected = (what: string, got: unknown) =>
    new Error(`\`${stage}\`: expected ${what}, got ${got === null ? got : typeof got}. Return it`);
  return (inner: AnyFunction): AnyFunction => {
    const passing = new Set<unknown>();
    const inside = watched(inner, {
      error(error) {
        passing.add(error);
        return error;
      },
    });
    const outside = blaming(trick, () => {
      const wrapped = wrap(inside);
      if (typeof wrapped !== 'function') throw expected('a function around the stage', wrapped);
      return wrapped as AnyFunction;
    });
    return watched(outside, {
      result(result) {
        if (result === undefined || result === null)
          throw expected('what the stage returns', result);
      },
      error: (error) => (passing.delete(error) ? error : named(trick, error)),
    });
  };
}

function guardDraws(trick: string, draws: NonNullable<TrickParts['draws']>): TrickParts['draws'] {
  const { shapes, turn } = draws;
  return {
    shapes,
    draw: (at) => blaming(trick, () => draws.draw(at)),
    ...(turn && { turn: { ...turn, idle: (at) => blaming(trick, () => turn.idle(at)) } }),
  };
}

/**
 * The parts of a trick, each called with its own `this`, whose errors name the trick.
 *
 * @throws Error naming a part that does not exist, and the nearest that does.
 */
export function guardParts(trick: string, parts: TrickParts): TrickParts {
  const known = Object.keys(partNames);
  for (const part of Object.keys(parts).filter((name) => !known.includes(name))) {
    const near = nearestName(part, known);
    const hint = near ? `Did you mean '${near}'?` : `Known: ${known.join(', ')}.`;
    throw new Error(`trick ${trick}: unknown part '${part}' in what \`build\` returns. ${hint}`);
  }
  const { draws, weights, state, columns, notes } = parts;
  const wraps = stages.flatMap((stage) => {
    const wrap = (inner: AnyFunction) => parts[stage]!(inner as never);
    return parts[stage] ? [[stage, guardStage(trick, stage, wrap)]] : [];
  });
  return {
    ...(Object.fromEntries(wraps) as { [Name in keyof Stages]?: Wrap<Stages[Name]> }),
    ...(state && { state }),
    ...(columns && { columns }),
    ...(notes && { notes }),
    ...(draws && { draws: guardDraws(trick, draws)! }),
    ...(weights && {
      weights: { name: weights.name, exchange: () => blaming(trick, () => weights.exchange()) },
    }),
    ...(parts.data && { data: (epoch) => blaming(trick, () => parts.data!(epoch)) }),
    ...(parts.afterStep && {
      afterStep: (...given) => blaming(trick, () => parts.afterStep!(...given)),
    }),
    ...(parts.dispose && { dispose: () => parts.dispose!() }),
  };
}
