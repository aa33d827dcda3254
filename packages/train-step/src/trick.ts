import type { NamedVariables, ParameterGroup } from '@bag-of-tricks/optimizer';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import { guardDefinition } from './guard.ts';
import { nearestName } from './nearest.ts';
import type { Network } from './network.ts';
import type { TrickParts } from './parts.ts';
import type { Wrap } from './stages.ts';

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

/** How parameters fall into groups, by weight decay. */
export type ParameterGroups = (
  parameters: NamedVariables,
  options: { readonly weightDecay: number },
) => readonly ParameterGroup[];

/** What the learning rate of parameters is multiplied by, by name; those of 0 are frozen. Default of each: 1. */
export type RateFactors = Readonly<Record<string, number>>;

/** What a schedule is made for; a trick may change it before it hands it on. */
export interface Plan {
  /** The highest learning rate. */
  readonly peak: number;
  /** Steps that are left. */
  readonly steps: number;
  /** Steps taken before, by a warmup. */
  readonly before: number;
  readonly stepsPerEpoch: number;
  /** How many processes take each step together, with a batch each. */
  readonly processes: number;
}

/** What is known of the images before any is read. */
export interface ImageTraits {
  readonly name: string;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly classNames: readonly string[];
  /** Of the training pixels, per channel, on the scale 0..255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The settings of a run that tricks may read. */
export interface RunConfig {
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** What computes: `tensorflow`, or a backend of TensorFlow.js by its name. */
  readonly backend?: string | undefined;
}

/** The processes that train one network together. */
export interface ProcessGroup {
  /** Of this process, from 0. */
  readonly rank: number;
  readonly size: number;
  /** Seconds after which a collective that one of them does not join is an error. Default: 600. */
  readonly timeout?: number | undefined;
  /** Whether this one was asked to stop: all stop after the step in which one of them says so. */
  isToStop(): boolean;
}

/** What a trick may use of the run that it is built for. */
export interface RunContext {
  readonly network: Network;
  readonly dataset: ImageTraits;
  readonly config: RunConfig;
  readonly stepsPerEpoch: number;
  /** Default: a process by itself. */
  readonly processes?: ProcessGroup;
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
  check?(settings: Parsed<Shape>, config: RunConfig): readonly string[];
  /** Settings that depend on the device, made definite so that a resumed run has the same. */
  resolve?(settings: Parsed<Shape>): Parsed<Shape>;
  /** Options for building a network by its name. */
  network?(settings: Parsed<Shape>): Readonly<Record<string, unknown>>;
  /** Those options where the trick is off, if the networks' own default is another. */
  readonly networkWithout?: Readonly<Record<string, unknown>>;
  /** How parameters are grouped by weight decay. */
  parameterGroups?(settings: Parsed<Shape>): ParameterGroups;
  /** Which parameters learn more slowly or not at all; factors of several tricks are multiplied. */
  rateFactors?(settings: Parsed<Shape>): (network: Network) => RateFactors;
  schedule?(settings: Parsed<Shape>, config: RunConfig): Wrap<(plan: Plan) => Schedule>;
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
 * seed, state in the checkpoint, columns in the logs. What one of its functions throws begins with its name.
 *
 * @example
 * ```ts
 * import { defineTrick, z } from '@bag-of-tricks/train-step';
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
 *
 * @throws TypeError, when it is called, naming each setting that is unknown, with the nearest known one, or out of range.
 */
export function defineTrick<const Name extends string, Shape extends SettingsShape>(
  definition: TrickDefinition<Shape> & { readonly name: Name },
): Trick<Name, Shape> {
  const guarded = guardDefinition(definition);
  const configure = (given?: Given<Shape>) => {
    return { definition: guarded, settings: parseSettings(definition, given) };
  };
  return Object.assign(configure, { definition: guarded });
}

function parseSettings({ name, settings }: TrickDefinition, given: unknown = {}) {
  const { data, error } = z.strictObject(settings).safeParse(given);
  if (data) return data;
  const known = Object.keys(settings);
  const unknown = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  const hints = unknown.map((key) => {
    const near = nearestName(key, known);
    return `\n'${key}': ${near ? `did you mean '${near}'?` : `known are ${known.join(', ') || 'none'}`}`;
  });
  throw new TypeError(`${name}: ${z.prettifyError(error)}${hints.join('')}`);
}

/**
 * For a trick that changes colours.
 *
 * @example
 * ```ts
 * import { requireColors } from '@bag-of-tricks/train-step';
 *
 * requireColors('gradientNoise', { imageShape: [224, 224, 3] });
 * ```
 *
 * @throws ConfigError when the images are grey.
 */
export function requireColors(
  trick: string,
  { imageShape: [, , channels] }: Pick<ImageTraits, 'imageShape'>,
): void {
  if (channels === 3) return;
  throw new ConfigError(
    `${trick}: expected images of 3 channels, got ${channels}: its operations are for colours. Switch it off`,
  );
}
