import type { Trick } from '@bag-of-tricks/train-step';
import type { TrainHooks } from '../log/hooks.ts';
import type { OpenOptions } from './open-run.ts';

/** What watches and what stops a run. */
export interface WatchOptions extends OpenOptions {
  readonly hooks?: readonly TrainHooks[];
  /** When aborted, the run finishes its step, saves and returns `finished: false`; before its first step it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Asked after each step whether to write a checkpoint then, as after every `checkpointInterval` steps. Default: never. */
  readonly saveRequested?: (() => boolean) | undefined;
  /** Called with a line of text during long preparations, and when a hook fails; without it, that is a warning of the process. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** Options of `train` and `resumeTraining`. */
export interface TrainOptions extends WatchOptions {
  /** Tricks of other packages that the configuration may name. */
  readonly plugins?: readonly Trick[];
  /** The modules that they came from, which the command in `args.yaml` names. */
  readonly pluginModules?: readonly string[];
}

/** Options of `resumeTraining`. */
export interface ResumeOptions extends TrainOptions {
  /** Where the run's images are now, if they were moved. */
  readonly dataDir?: string | undefined;
}
