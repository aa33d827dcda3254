import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeFileWhole } from '@bag-of-tricks/durable-files';
import { command, type Position, printable, saveError } from '@bag-of-tricks/run-folder';
import type { OpenedCheckpoint } from '../checkpoint/load.ts';
import { absolutePaths } from '../config/absolute-paths.ts';
import { ownPart } from '../config/base-schema.ts';
import { formatConfig, pluginFlags } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import type { KnownTricks, TrainConfig } from '../config/schema.ts';
import { stepsTaken } from '../epoch-steps.ts';
import { ConfigError } from '../errors.ts';
import { hasStalled } from './early-stopping.ts';
import type { Run } from './open-run.ts';

/** What may be another in a run that goes on. */
export interface ResumeChanges {
  /** Where the run's images are now, if they were moved. */
  readonly dataDir?: string | undefined;
  /** The whole length of the run; schedules are those of the new length from here on. At least the epochs that are done or begun. */
  readonly epochs?: number | undefined;
  /** Evaluations in a row without a better one that end the run; null: none does. */
  readonly patience?: number | null | undefined;
}

/** Settings that a caller gives again: what may be another, and what is to be as it was. */
export type GivenAgain = Omit<ResumeChanges, 'dataDir'> &
  Readonly<Record<string, unknown>> & { readonly dataDir?: string | null | undefined };

/** How long a run is, as `args.yaml` has it; nothing where the file cannot be read. */
function lengthIn(runFolder: string): ResumeChanges {
  try {
    const text = readFileSync(join(runFolder, 'args.yaml'), 'utf8');
    const lines = text.matchAll(/^(epochs|patience): ([1-9]\d*|null)$/gm);
    return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, JSON.parse(value!)]));
  } catch {
    return {};
  }
}

/**
 * The settings with which a run goes on: those of its checkpoint, and the length that `args.yaml` was given before the first step with it,
 * so that it lasts where the run was killed before its next checkpoint.
 *
 * @throws ConfigError when fewer epochs are asked for than were begun, when the new length does not fit the other settings, or when a
 * setting is given that is another one in the run, where it would do nothing.
 */
export function resumedConfig(
  { folder, state: { config: saved, epoch, stepInEpoch } }: OpenedCheckpoint,
  { dataDir, epochs, patience, ...others }: GivenAgain,
  known: KnownTricks,
): TrainConfig {
  const begun = epoch + (stepInEpoch > 0 ? 1 : 0);
  const written = lengthIn(dirname(dirname(folder)));
  // Fewer were given for an earlier checkpoint.
  const before = (written.epochs ?? 0) >= begun ? { ...saved, ...written } : saved;
  const was = absolutePaths(before as TrainConfig);
  if (Object.keys(others).length > 0) refuseOthers(was, others, known);
  const changes = Object.entries({ dataDir: dataDir ?? undefined, epochs, patience }).filter(
    ([, one]) => one !== undefined,
  );
  if (changes.length === 0) return was;
  if (epochs !== undefined && epochs < begun) {
    throw new ConfigError(
      `epochs: expected at least the ${begun} that the run has begun, got ${epochs}. Give more, or go on from an earlier checkpoint of it`,
    );
  }
  const config = { ...before, ...Object.fromEntries(changes) };
  return absolutePaths(parseConfig(config, { known, ownParts: true }));
}

/** Say where a run folder is; a run that goes on has one. */
const placing = ['output', 'experiment'];

/** What is passed in as an object is checked where it is used. */
const isOwn = (value: unknown) => value === ownPart || Object(value).name === ownPart;

function refuseOthers(
  was: TrainConfig,
  settings: Readonly<Record<string, unknown>>,
  known: KnownTricks,
): void {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => !placing.includes(name) && !isOwn(value)),
  );
  const asked = absolutePaths(parseConfig({ ...was, ...given }, { known, ownParts: true }));
  // What depends on the device was made definite when the run began.
  const isResolved = (name: string) => known.some((trick) => trick.name === name && trick.resolve);
  const both = (name: string) =>
    [was, asked].map((config) => {
      const setting: unknown = config[name as keyof TrainConfig];
      return isResolved(name) ? setting !== null : setting;
    });
  const others = Object.keys(given).flatMap((name) => {
    const [run, now] = both(name);
    const said = `${name}: ${JSON.stringify(run)} in the run, got ${JSON.stringify(now)}`;
    return isDeepStrictEqual(run, now) ? [] : [said];
  });
  if (others.length === 0) return;
  throw new ConfigError(
    `resume: expected the settings of the run; only epochs, patience and dataDir may be others. ${others.join('; ')}. Leave them out, or begin a new run`,
  );
}

/** The text of `args.yaml`. */
export const argsOf = (config: TrainConfig, pluginModules: readonly string[]) => (file: string) =>
  `# ${printable(`${command} train --config ${file}${pluginFlags(pluginModules)}`)}\n${formatConfig(config)}`;

/** What a run that has nothing left to do says; null for one that goes on. */
export function describeEnd(
  config: TrainConfig,
  at: Pick<Position, 'epoch' | 'best'>,
): string | null {
  if (at.epoch >= config.epochs)
    return `the run is finished, all ${config.epochs} epochs are done. --epochs gives it more`;
  return hasStalled(at, config)
    ? `the run ended early after ${at.epoch} epochs. A longer --patience lets it go on`
    : null;
}

interface KeepOptions {
  readonly runFolder: string;
  readonly checkpoint: OpenedCheckpoint;
  readonly pluginModules?: readonly string[] | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** Says what another length of the run does, and writes `args.yaml` anew where another length or patience stands there. */
export async function keepChanges(
  { config, schedule, stepsPerEpoch }: Run,
  { runFolder, checkpoint: { state }, pluginModules = [], onProgress = () => {} }: KeepOptions,
): Promise<void> {
  const { epochs } = config;
  const step = stepsTaken({ stepsPerEpoch }, state);
  if (epochs !== state.config.epochs) {
    const rate =
      step < epochs * stepsPerEpoch ? `, which is ${schedule(step).toPrecision(4)} now` : '';
    onProgress(
      `epochs: ${epochs} instead of ${state.config.epochs}. From step ${step} on, all that depends on the length is as in a run of ${epochs} epochs: the learning rate${rate}, and tricks that end or change with the epochs`,
    );
  }
  const file = join(runFolder, 'args.yaml');
  const { epochs: written, patience } = lengthIn(runFolder);
  if (epochs === written && config.patience === patience) return;
  await writeFileWhole(file, argsOf(config, pluginModules)(file)).catch((cause) => {
    throw saveError(file, 'a file that can be written', cause);
  });
}
