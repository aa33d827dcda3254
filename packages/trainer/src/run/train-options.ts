import type { Optimizer } from '@bag-of-tricks/optimizer';
import type * as run from '@bag-of-tricks/run-folder';
import type { ConfiguredTrick, LossFunction, Trick } from '@bag-of-tricks/train-step';
import type { BaseConfigInput } from '../config/base-schema.ts';
import type { TrainConfig } from '../config/schema.ts';
import type { OpenOptions } from './open-run.ts';
import type { OwnParts } from './own-parts.ts';
import type { ResumeChanges } from './resumed-config.ts';

/** What is known when training begins. */
export type TrainBeginLog = run.TrainBeginLog<TrainConfig>;

/** What observes a run, at fixed points of the loop. */
export type TrainHooks = run.TrainHooks<TrainConfig>;

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
}

/** Options of `resumeTraining`. */
export interface ResumeOptions extends TrainOptions, ResumeChanges {}

/** Options of `fit`: the settings of a recipe that belong to no trick, and objects of one's own. */
export interface FitOptions
  extends Omit<BaseConfigInput, 'optimizer' | 'loss'>,
    Pick<OwnParts, 'network' | 'data'>,
    WatchOptions {
  /** Settings of one of ours, or an optimiser over the parameters of `network`, which stays the caller's to dispose. */
  readonly optimizer?: BaseConfigInput['optimizer'] | Optimizer;
  /** One of ours by its name, or a function of (targets, logits). */
  readonly loss?: BaseConfigInput['loss'] | LossFunction;
  /**
   * Exactly these tricks. Default: those of the paper's recipe, as `recipeTricks()` returns them. Where two wrap the same stage of a
   * step, ours keep the order of the export `tricks`, however they are given here; those of others are around them in the order
   * given, the last one outermost. A resumed run keeps the order that it began with.
   */
  readonly tricks?: readonly ConfiguredTrick[];
  /** Goes on with the run in this folder, or from this one of its checkpoints; the settings are then the run's, except `dataDir`, `epochs` and `patience`. */
  readonly resume?: string;
}
