import { inspect } from 'node:util';
import type { Best } from '../checkpoint/state.ts';
import type { Environment } from '../environment.ts';
import type { Column } from './columns.ts';
import { printable } from './printable.ts';

/** The settings that the lines of a log show. */
export interface ShownSettings {
  readonly model: string;
  readonly dataset: string;
  readonly epochs: number;
  readonly batchSize: number;
}

/** What is known when training begins. */
export interface TrainBeginLog<Config extends ShownSettings = ShownSettings> {
  readonly config: Config;
  readonly runFolder: string;
  readonly environment: Environment;
  readonly parameters: number;
  readonly trainSamples: number;
  readonly evalSamples: number;
  readonly stepsPerEpoch: number;
  /** How many train it together, each with a batch of its own. Default: 1. */
  readonly processes?: number;
  /** Steps taken before: 0, or where the checkpoint stood. */
  readonly firstStep: number;
  /** The values of a step that tricks add to the logs. */
  readonly columns: readonly Column[];
  /** What tricks say at the beginning, a line each. */
  readonly notes: readonly string[];
}

/** One training step. */
export interface BatchLog {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  /** Steps since the beginning of the run, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  readonly batchSize: number;
  readonly loss: number;
  readonly top1: number;
  /** Mean loss of the epoch so far, over the steps that were taken. */
  readonly meanLoss: number;
  /** The step changed nothing, such as when a gradient overflowed; its loss may be NaN. */
  readonly skipped: boolean;
  readonly learningRate: number;
  /** What tricks drew and computed, by name. */
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  /** What tricks say of the step, a line each. */
  readonly notes: readonly string[];
  readonly seconds: number;
  /** Part of `seconds` that the step waited for its images. */
  readonly dataSeconds: number;
}

/** Scores over the evaluation images; accuracies in percent. */
export interface Evaluation {
  readonly loss: number;
  readonly top1: number;
  /** Null for five classes or fewer, where it would say nothing. */
  readonly top5: number | null;
  readonly samples: number;
  readonly seconds: number;
}

/** One epoch; `evaluation` is null in epochs that were not evaluated. */
export interface EpochLog {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly trainLoss: number;
  /** Percent. */
  readonly trainTop1: number;
  readonly evaluation: Evaluation | null;
  /** Scores of the weights that tricks keep beside the network's own, by name. */
  readonly others: Readonly<Record<string, Evaluation>>;
  /** One of these evaluations is the best so far. */
  readonly isBest: boolean;
  readonly best: Best | null;
  readonly learningRate: number;
  readonly seconds: number;
  /** Part of `seconds` that the steps waited for their images. */
  readonly dataSeconds: number;
  readonly imagesPerSecond: number;
}

/** How a run ended. */
export interface TrainResult {
  readonly runFolder: string;
  readonly finished: boolean;
  /** Whether it finished before its last epoch, because nothing became better for `patience` evaluations. */
  readonly endedEarly: boolean;
  readonly step: number;
  readonly totalSteps: number;
  /** The last evaluation, of the weights that scored best in it; null when there was none yet. */
  readonly evaluation: Evaluation | null;
  readonly best: Best | null;
  /** Training throughput of this process, evaluation and saving left out. */
  readonly imagesPerSecond: number;
  readonly trainSeconds: number;
  /** Part of `trainSeconds` that the steps waited for their images. */
  readonly dataSeconds: number;
}

/** An image that could not be used, and the epoch that goes without it. */
export interface BadImage {
  readonly epoch: number;
  readonly image: string;
  readonly reason: string;
}

/**
 * Called at fixed points of the loop, in TensorFlow.js's callback names. Hooks observe: they change nothing and cannot stop a run
 * (a signal does that). One that throws is named once for each of its calls, with the error; the run goes on and calls it again. One
 * that returns a promise is not waited for, and a rejection counts as a throw. What a hook computes before it returns holds up the
 * loop, but never a checkpoint: that of an epoch is written before `onEpochEnd`.
 */
export interface TrainHooks<Config extends ShownSettings = ShownSettings> {
  /** What messages call the hook; default: its place in the list. */
  readonly name?: string;
  onTrainBegin?(log: TrainBeginLog<Config>): void;
  onBatchEnd?(log: BatchLog): void;
  /** An image that cannot be used was left out; once an epoch for each. */
  onBadImage?(skipped: BadImage): void;
  onEvaluateBatchEnd?(log: { readonly done: number; readonly total: number }): void;
  onEpochEnd?(log: EpochLog): void;
  onTrainEnd?(result: TrainResult): void;
}

/** The calls of hooks. */
export type HookCalls = Required<Omit<TrainHooks, 'name'>>;

/** What the loop calls: rows of the run's files, which fail the run when they cannot be written, and observers, which never do. */
export interface RunHooks extends HookCalls {
  /** The row of an epoch. It is written before the checkpoint: a resumed run drops rows that are too many, and lacks none. */
  onEpochEnd(log: EpochLog): void;
  /** The observers' `onEpochEnd`, after the checkpoint. */
  onEpochSaved(log: EpochLog): void;
}

type CallName = keyof HookCalls;
type Call = (log: unknown) => unknown;

const callsOf = (call: (name: CallName, log: unknown) => void): HookCalls => ({
  onTrainBegin: (log) => call('onTrainBegin', log),
  onBatchEnd: (log) => call('onBatchEnd', log),
  onBadImage: (skipped) => call('onBadImage', skipped),
  onEvaluateBatchEnd: (log) => call('onEvaluateBatchEnd', log),
  onEpochEnd: (log) => call('onEpochEnd', log),
  onTrainEnd: (result) => call('onTrainEnd', result),
});

/** One object that passes each call on to all of `hooks`, in order. What one throws is thrown. */
export function combineHooks(hooks: readonly TrainHooks[]): HookCalls {
  return callsOf((name, log) => {
    for (const hook of hooks) (hook[name] as Call | undefined)?.call(hook, log);
  });
}

/** Like `combineHooks`, but never throws: what a hook throws or rejects with goes to `warn`, once for each hook and call. */
export function shieldHooks(
  hooks: readonly TrainHooks[],
  warn: (message: string) => void,
): HookCalls {
  const named = new Set<string>();
  const report = (place: number, name: CallName, error: unknown) => {
    if (named.has(`${place}.${name}`)) return;
    named.add(`${place}.${name}`);
    const title = hooks[place]?.name ?? `hooks[${place}]`;
    const message = printable(
      `Warning: ${title}.${name} failed: ${placed(error)}. Training goes on, and calls it again; further errors of it are not printed`,
    );
    try {
      warn(message);
    } catch {
      process.emitWarning(message);
    }
  };
  return callsOf((name, log) => {
    for (const [place, hook] of hooks.entries()) {
      const failed = (error: unknown) => report(place, name, error);
      try {
        const returned = (hook[name] as Call | undefined)?.call(hook, log);
        if (isPromise(returned)) Promise.resolve(returned).catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  });
}

/** `rows` before `observers` at every call. */
export function runHooks(rows: HookCalls, observers: HookCalls): RunHooks {
  return {
    ...combineHooks([rows, observers]),
    onEpochEnd: rows.onEpochEnd,
    onEpochSaved: observers.onEpochEnd,
  };
}

const isPromise = (returned: unknown) =>
  typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function';

/** What was thrown, with the line that threw it. */
function placed(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const [, line] = /\n\s+(at .*)/.exec(error.stack ?? '') ?? [];
  return `${error}${line ? ` (${line})` : ''}`;
}
