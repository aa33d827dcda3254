import type { Random } from '@bag-of-tricks/random';
import type * as tf from '@tensorflow/tfjs-core';
import type { Stages, Values, Wrap } from './stages.ts';

/** An image of uint8 pixels `[height, width, channels]`. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** What a trick may change of an epoch's images. */
export interface EpochData {
  /** Height and width of this epoch's images. Default: the dataset's. */
  readonly imageSize?: number | undefined;
  /** Change each image one after the other, with uniform numbers in [0, 1). Default: none. */
  readonly augment?: readonly ((picture: Picture, random: Random) => Picture)[] | undefined;
}

/** Where a run stands, for what is drawn on the host. */
export interface DrawAt {
  readonly epoch: number;
  readonly epochs: number;
  /** Height and width of this epoch's training images. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** A generator that depends on (seed, epoch, step, trick) alone. */
  readonly random: Random;
}

/** A value that a trick adds to the logs: one of its metrics or draws. */
export interface Column {
  readonly value: string;
  /** Its name in `metrics.jsonl`, and its curve in the report; default: not there. */
  readonly jsonl?: string;
  /** Its name in `summary.csv`, where the value after the last step of the epoch stands. */
  readonly csv?: string;
  /** Its label in the lines of the console. */
  readonly console?: string;
}

/** Everything that a trick does in a run; each part is optional. */
export interface TrickParts {
  /** Numbers drawn for each step; where tricks of a group take turns, what they are when it is another's turn. */
  readonly draws?: {
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    draw(at: DrawAt): Readonly<Record<string, number | readonly number[]>>;
    /** Of the tricks of one group, one acts in a step: the later one in the list with the probability of its `share`. */
    readonly turn?: {
      readonly group: string;
      readonly share: number;
      idle(at: DrawAt): Readonly<Record<string, number | readonly number[]>>;
    };
  };
  readonly prepare?: Wrap<Stages['prepare']>;
  readonly loss?: Wrap<Stages['loss']>;
  readonly gradients?: Wrap<Stages['gradients']>;
  readonly step?: Wrap<Stages['step']>;
  /**
   * True of a trick whose `step` leaves out, by itself, a step whose gradients are not finite, as loss scaling does, and whose metric
   * `skipped` is 1 then. The run does not end at such a step; when there are too many, `afterStep` throws. Default: false.
   */
  readonly skips?: boolean;
  /** True of a trick that makes the gradients of several processes one; a run of several has such a trick. Default: false. */
  readonly synchronizes?: boolean;
  /**
   * True of a trick that needs the images themselves, or acts within the network: what trains the last layer alone, on features, refuses it.
   * It refuses one with `data` as well. Default: false.
   */
  readonly needsImages?: boolean;
  readonly evaluate?: Wrap<Stages['evaluate']>;
  /** Variables that are kept in the checkpoint under the name of the trick. */
  readonly state?: Readonly<Record<string, tf.Variable>>;
  /**
   * Other weights for the same network: evaluated beside its own, under this name, and kept in the checkpoint as `model-<name>.safetensors`.
   * `exchange` swaps them with the network's, and swaps them back when it is called again.
   */
  readonly weights?: { readonly name: string; exchange(): void };
  readonly columns?: readonly Column[];
  /** What the loader does differently in an epoch. */
  data?(epoch: number): EpochData;
  /** Called after each step with its numbers; returns a line for the log, or throws to end the run. */
  afterStep?(values: Values, step: number): string | undefined;
  /** Lines for the log's head, and what `env.json` says of it. */
  readonly notes?: { readonly lines: readonly string[]; readonly environment: object };
  dispose?(): void;
}

/** A trick of a run with its name. */
export interface NamedParts extends TrickParts {
  readonly name: string;
}
