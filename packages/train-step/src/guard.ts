import { ConfigError, DivergenceError } from './errors.ts';
import { nearestName } from './nearest.ts';
import type { TrickParts } from './parts.ts';
import type { Stages, Wrap } from './stages.ts';
import type { TrickDefinition } from './trick.ts';

const stages = ['prepare', 'loss', 'gradients', 'step', 'evaluate'] as const;

/** Every part that a trick may have; a new one that is missing here does not compile. */
const partNames: Readonly<Record<keyof TrickParts, true>> = {
  ...{ draws: true, prepare: true, loss: true, gradients: true, step: true, evaluate: true },
  ...{ state: true, weights: true, columns: true, data: true, afterStep: true, notes: true },
  ...{ skips: true, synchronizes: true, needsImages: true, dispose: true },
};

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind, which are handed on as they are
type AnyFunction = (...given: any[]) => any;

/** The error with the name of the trick, once; errors that speak to the user of the run stay what they are. */
function named(trick: string, error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof DivergenceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith(`trick ${trick}: `)) return error;
  const own = message.startsWith(`${trick}: `) ? message.slice(trick.length + 2) : message;
  return new Error(`trick ${trick}: ${own}`, { cause: error });
}

/** A function whose errors go through `failed`, as do those of the function or the promise that it returns. */
function watched(
  inner: AnyFunction,
  failed: (error: unknown) => unknown,
  returned: (result: unknown) => void = () => {},
): AnyFunction {
  const fail = (error: unknown) => {
    throw failed(error);
  };
  return (...given) => {
    let result: unknown;
    try {
      result = inner(...given);
      returned(result);
    } catch (error) {
      return fail(error);
    }
    if (result instanceof Promise) return result.catch(fail);
    return typeof result === 'function' ? watched(result as AnyFunction, failed, returned) : result;
  };
}

/** Those of the methods that the object has, called with their own `this`; what they throw names the trick. */
function methods<Owner extends object, Name extends keyof Owner>(
  trick: string,
  owner: Owner,
  names: readonly Name[],
): Pick<Owner, Name> {
  const guarded = names
    .filter((name) => owner[name])
    .map((name) => {
      const call: AnyFunction = (...given) => (owner[name] as AnyFunction)(...given);
      return [name, watched(call, (error) => named(trick, error))];
    });
  return Object.fromEntries(guarded);
}

/** A wrapper whose own errors name the trick; those of the stage inside of it pass. */
function guardStage(trick: string, stage: string, wrap: AnyFunction): AnyFunction {
  const expected = (what: string, got: unknown) =>
    new Error(`\`${stage}\`: expected ${what}, got ${got === null ? got : typeof got}. Return it`);
  return (inner: AnyFunction) => {
    const passing = new Set<unknown>();
    const inside = watched(inner, (error) => {
      passing.add(error);
      return error;
    });
    const checked = () => {
      const wrapped: unknown = wrap(inside);
      if (typeof wrapped !== 'function') throw expected('a function around the stage', wrapped);
      return wrapped;
    };
    return watched(
      checked,
      (error) => (passing.delete(error) ? error : named(trick, error)),
      (result) => {
        if (result === undefined || result === null)
          throw expected('what the stage returns', result);
      },
    )();
  };
}

/** The definition, with functions whose errors name the trick. */
// biome-ignore lint/suspicious/noExplicitAny: settings of any shape
export function guardDefinition<Definition extends TrickDefinition<any>>(
  definition: Definition,
): Definition {
  const { name, schedule } = definition;
  return {
    ...definition,
    ...methods(name, definition, [
      'check',
      'resolve',
      'network',
      'parameterGroups',
      'rateFactors',
      'build',
    ]),
    ...(schedule && {
      schedule: (...given: Parameters<typeof schedule>) =>
        guardStage(name, 'schedule', (inner) => definition.schedule!(...given)(inner)),
    }),
  };
}

/**
 * The parts of a trick, whose errors name the trick.
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
  const { draws, weights, state, columns, notes, skips, synchronizes, needsImages } = parts;
  const turn = draws?.turn;
  const wraps = stages.flatMap((stage) => {
    const wrap: AnyFunction = (inner) => parts[stage]!(inner);
    return parts[stage] ? [[stage, guardStage(trick, stage, wrap)]] : [];
  });
  return {
    ...(state && { state }),
    ...(columns && { columns }),
    ...(notes && { notes }),
    ...(skips && { skips }),
    ...(synchronizes && { synchronizes }),
    ...(needsImages && { needsImages }),
    ...methods(trick, parts, ['data', 'afterStep', 'dispose']),
    ...(Object.fromEntries(wraps) as { [Name in keyof Stages]?: Wrap<Stages[Name]> }),
    ...(draws && {
      draws: {
        shapes: draws.shapes,
        ...methods(trick, draws, ['draw']),
        ...(turn && { turn: { ...turn, ...methods(trick, turn, ['idle']) } }),
      },
    }),
    ...(weights && { weights: { name: weights.name, ...methods(trick, weights, ['exchange']) } }),
  };
}
