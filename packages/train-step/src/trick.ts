import type { EpochPart, ImageTraits } from '@bag-of-tricks/image-data';
import type { Schedule } from '@bag-of-tricks/lr-schedules';
import type { Random } from '@bag-of-tricks/random';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { BaseConfig } from '../config/base-schema.ts';
import { ConfigError } from '../errors.ts';
import { nearestName } from '../nearest.ts';
import type { Network } from '../network/network.ts';
import type { ParameterGroups } from '../optimizer/optimizer.ts';
import type { Stages, Values, Wrap } from './stages.ts';

/** What a schedule is made for; a trick may change it before it hands it on. */
export interface Plan {
  /** The highest learning rate. */
  readonly peak: number;
  /** Steps that are left. */
  readonly steps: number;
  /** Steps taken before, by a warmup. */
  readonly before: number;
  readonly stepsPerEpoch: number;
}

/** What a trick may change of an epoch's images. */
export type EpochData = Pick<EpochPart, 'imageSize' | 'augment'>;

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
  /** Its name in `metrics.jsonl`; default: not there. */
  readonly jsonl?: string;
  /** Its name in `summary.csv`, where the value after the last step of the epoch stands. */
  readonly csv?: string;
  /** Its label in the lines of the console. */
  readonly console?: string;
  /** The title of its curve in the report. */
  readonly chart?: string;
  /** The curve shows the binary logarithm. */
  readonly log2?: boolean;
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

/** What a trick may use of the run that it is built for. */
export interface RunContext {
  readonly network: Network;
  readonly dataset: ImageTraits;
  readonly config: BaseConfig;
  readonly stepsPerEpoch: number;
  /** The network of another run's checkpoint, for images and classes as in this run; the caller disposes it. */
  loadNetwork(path: string): Promise<Network>;
}

/**
 * A flag of the command line: `[flags, path]` gives its value to the setting `path` of the trick; `[flags, null, description]` switches
 * the trick off, with `{}` on with its defaults; the long form gives a setting one value.
 */
export type TrickFlag =
  | readonly [flags: string, path: string]
  | readonly [flags: string, value: null | Readonly<Record<string, never>>, description: string]
  | TrickSwitch;

/** `value` is the setting at `path`, or of the whole trick where there is no path. */
export interface TrickSwitch {
  readonly flags: string;
  readonly path?: string;
  readonly value: unknown;
  readonly description: string;
}

/** The settings of a trick: a zod type each, with a default and a description. */
export type SettingsShape = Readonly<Record<string, z.ZodType>>;

type Parsed<Shape extends SettingsShape> = z.output<z.ZodObject<Shape, z.core.$strict>>;
type Given<Shape extends SettingsShape> = z.input<z.ZodObject<Shape, z.core.$strict>>;

/** A trick: how it is set, and what it does. */
export interface TrickDefinition<Shape extends SettingsShape = SettingsShape> {
  /** Its key in a recipe. */
  readonly name: string;
  readonly description: string;
  readonly settings: Shape;
  /** Whether a recipe that says nothing has it on. Default: off. */
  readonly on?: boolean;
  /** It acts on evaluation too, where it is built without training. Default: no. */
  readonly evaluates?: boolean;
  readonly flags?: readonly TrickFlag[];
  /** Checks its settings against the others; returns a sentence for each thing that does not fit. */
  check?(settings: Parsed<Shape>, config: BaseConfig): readonly string[];
  /** Settings that depend on the device, made definite so that a resumed run has the same. */
  resolve?(settings: Parsed<Shape>): Parsed<Shape>;
  /** Options for building a network by its name. */
  network?(settings: Parsed<Shape>): Readonly<Record<string, unknown>>;
  /** How parameters are grouped by weight decay. */
  parameterGroups?(settings: Parsed<Shape>): ParameterGroups;
  schedule?(settings: Parsed<Shape>, config: BaseConfig): Wrap<(plan: Plan) => Schedule>;
  build?(settings: Parsed<Shape>, run: RunContext): TrickParts | Promise<TrickParts>;
}

/** A trick with its settings, as `fit` takes it. */
export interface ConfiguredTrick {
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape, already parsed by the definition's own
  readonly definition: TrickDefinition<any>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A trick as it is imported: called with settings, it is one for `fit`. */
export interface Trick<Name extends string = string, Shape extends SettingsShape = SettingsShape> {
  (settings?: Given<Shape>): ConfiguredTrick;
  readonly definition: TrickDefinition<Shape> & { readonly name: Name };
}

/**
 * Makes a trick of its definition, with the same rights as those of the paper: flags, settings in a recipe, draws from the run's
 * seed, state in the checkpoint, columns in the logs.
 *
 * @example
 * ```ts
 * import { defineTrick, z } from '@bag-of-tricks/trainer';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * export const gradientNoise = defineTrick({
 *   name: 'gradientNoise',
 *   description: 'adds Gaussian noise to every gradient (Neelakantan et al. 2015)',
 *   settings: { deviation: z.number().min(0).default(0.01).describe('standard deviation of the noise') },
 *   build: ({ deviation }) => ({
 *     gradients: (inner) => (...step) => {
 *       const { gradients, metrics } = inner(...step);
 *       const noisy = Object.entries(gradients).map(([name, gradient]) => [
 *         name,
 *         tf.add(gradient, tf.randomNormal(gradient.shape, 0, deviation)),
 *       ]);
 *       return { gradients: Object.fromEntries(noisy), metrics };
 *     },
 *   }),
 * });
 * console.log(gradientNoise({ deviation: 0.02 }).settings); // one of the `tricks` of `fit`
 * ```
 */
export function defineTrick<const Name extends string, Shape extends SettingsShape>(
  definition: TrickDefinition<Shape> & { readonly name: Name },
): Trick<Name, Shape> {
  return Object.assign((settings?: Given<Shape>) => configure(definition, settings), {
    definition,
  });
}

/**
 * Gives a trick its settings.
 *
 * @throws TypeError naming each setting that is unknown, with the nearest known one, or out of range.
 */
export function configure<Shape extends SettingsShape>(
  definition: TrickDefinition<Shape>,
  settings: Given<Shape> = {} as Given<Shape>,
): ConfiguredTrick {
  const parsed = z.strictObject(definition.settings).safeParse(settings);
  if (parsed.success) return { definition, settings: parsed.data };
  const known = Object.keys(definition.settings);
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  const hints = unknown.map((key) => {
    const near = nearestName(key, known);
    return `\n'${key}': ${near ? `did you mean '${near}'?` : `known are ${known.join(', ') || 'none'}`}`;
  });
  throw new TypeError(`${definition.name}: ${z.prettifyError(parsed.error)}${hints.join('')}`);
}

/** @throws ConfigError when a trick that changes colours is on, and the images are grey. */
export function requireColors(trick: string, { imageShape: [, , channels] }: ImageTraits): void {
  if (channels === 3) return;
  throw new ConfigError(
    `${trick}: expected images of 3 channels, got ${channels}: its operations are for colours. Switch it off`,
  );
}
