import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Processes } from '@bag-of-tricks/data-parallel';
import { parseState } from '@bag-of-tricks/run-folder';
import type { Network } from '@bag-of-tricks/train-step';
import { nativeBackend } from '../backend.ts';
import type { OpenedCheckpoint } from '../checkpoint/load.ts';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';
import { packageDigests, scriptDigest, shortDigest } from './code-digest.ts';
import type { Run } from './open-run.ts';
import { stillGoing, waitForOthers } from './still-going.ts';

/**
 * Makes ready for several processes, before TensorFlow loads.
 *
 * @throws ConfigError when they cannot train by these settings.
 */
export function beginTogether({ backend, compile, linearProbe }: TrainConfig): void {
  // At the end of each step it warns that the exchange of tensors is over.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (backend !== nativeBackend) {
    throw new ConfigError(
      `backend: expected ${nativeBackend} where several processes train, for TensorFlow's library exchanges their gradients, got ${backend}. Start one process`,
    );
  }
  if (!compile) {
    throw new ConfigError(
      'compile: expected true where several processes train, for their gradients are averaged in the graph, got false. Leave --no-compile out',
    );
  }
  if (!linearProbe) return;
  throw new ConfigError(
    'linearProbe: expected false where several processes train, got true. One process trains a last layer in seconds: start one',
  );
}

/** Why a process cannot train with the others; null where it can. */
function unfitFor(
  size: number,
  { tricks, dataset: { worldSize = 1 } }: Pick<Run, 'tricks' | 'dataset'>,
): string | null {
  if (worldSize !== size) {
    return `data: expected images for ${size} processes, got worldSize ${worldSize}. Give imageDataset, or your own dataset, rank and worldSize`;
  }
  if (tricks.some(({ synchronizes }) => synchronizes)) return null;
  return `tricks: expected one that averages gradients over the ${size} processes, got none. Leave --no-data-parallel out, or in code add tricks.dataParallel()`;
}

/**
 * Whether a run goes on with as many processes as it had.
 *
 * @throws ConfigError when it has others within an epoch, of which each has seen a part.
 */
export function keepsProcesses({ state, folder }: OpenedCheckpoint, size: number): boolean {
  const { processes = 1, stepInEpoch } = state;
  if (processes === size) return true;
  if (stepInEpoch === 0) return false;
  const last = readdirSync(dirname(folder))
    .sort()
    .map((name) => join(dirname(folder), name))
    .findLast(endsEpoch);
  const instead = last
    ? `Start ${processes}, or go on with ${size} from the end of an epoch: --resume ${last}`
    : `Start ${processes} until an epoch has ended: no checkpoint is at the end of one, from which ${size} could go on`;
  throw new ConfigError(
    `resume ${folder}: expected the ${processes} process(es) that are in the middle of an epoch, got ${size}. ${instead}`,
  );
}

function endsEpoch(folder: string): boolean {
  const path = join(folder, 'state.json');
  try {
    return parseState(readFileSync(path, 'utf8'), path).stepInEpoch === 0;
  } catch {
    return false;
  }
}

/** Says what another number of processes changes. */
export function sayProcesses(
  { config, processes: { size }, schedule, stepsPerEpoch }: Run,
  { state: { processes = 1, epoch } }: OpenedCheckpoint,
  say: (line: string) => void,
): void {
  if (size === processes) return;
  const images = (count: number) => count * config.batchSize;
  const rate =
    epoch < config.epochs
      ? `, and the learning rate is ${schedule(epoch * stepsPerEpoch).toPrecision(4)} now`
      : '';
  say(
    `processes: ${size} instead of ${processes}. From epoch ${epoch} on a step takes ${images(size)} images in place of ${images(processes)}, an epoch has ${stepsPerEpoch} steps${rate}`,
  );
}

const digestOf = ({ parameters, buffers }: Network) =>
  shortDigest(
    Object.entries({ ...parameters, ...buffers }).flatMap(([name, variable]) => [
      `${name} [${variable.shape}]`,
      new Uint8Array(variable.dataSync<'float32'>().buffer),
    ]),
  );

/** Where files are may differ from machine to machine. */
const places = ['dataDir', 'output', 'experiment', 'classMap'];

/** What all processes must begin with alike, by name. */
function startOf(
  { config, backend, dataset, data, network, stepsPerEpoch }: Pick<Run, CheckedParts>,
  { checkpoint, pluginModules = [] }: StartedFrom,
): Record<string, unknown> {
  const { classNames, trainSize, evalSize } = dataset;
  const settings = Object.entries(config).filter(([name]) => !places.includes(name));
  return {
    version,
    tensorflow: backend.version,
    code: scriptDigest(pluginModules),
    ...packageDigests(),
    ...Object.fromEntries(settings),
    classes: `${classNames.length} (${shortDigest(classNames.map((name) => `${name}\n`))})`,
    images: `${trainSize} + ${evalSize}${data ? ` (${data.record.digest.slice(0, 8)})` : ''}`,
    stepsPerEpoch,
    ...(checkpoint && { epoch: checkpoint.state.epoch, stepInEpoch: checkpoint.state.stepInEpoch }),
    weights: digestOf(network),
  };
}

type CheckedParts = 'config' | 'backend' | 'dataset' | 'data' | 'network' | 'stepsPerEpoch';

interface StartedFrom {
  readonly checkpoint: OpenedCheckpoint | null;
  readonly pluginModules?: readonly string[] | undefined;
  /** Is told that others are not there yet, as where they open their images. Default: nobody. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Compares what each process begins with.
 *
 * @throws ConfigError in all processes, naming the ranks that cannot train with others, or differ from rank 0, and in what.
 */
export async function requireSameStart(
  { size, gather }: Pick<Processes, 'size' | 'gather'>,
  run: Pick<Run, CheckedParts | 'tricks'>,
  from: StartedFrom,
): Promise<void> {
  if (size === 1) return;
  // The others hear of it before this one ends.
  const gathering = gather({ unfit: unfitFor(size, run), start: startOf(run, from) });
  const all = await stillGoing(waitForOthers, gathering, from.onProgress ?? (() => {}));
  const unfit = all.flatMap((one, rank) =>
    one.unfit === null ? [] : [`rank ${rank}: ${one.unfit}`],
  );
  if (unfit.length > 0) throw new ConfigError(unfit.join('. '));
  const [first = {}, ...others] = all.map(({ start }) => start);
  const differing = others.flatMap((other, i) => {
    const names = Object.keys({ ...first, ...other }).filter(
      (name) => !isDeepStrictEqual(first[name], other[name]),
    );
    const said = names.map(
      (name) => `${name} ${JSON.stringify(other[name])}, not ${JSON.stringify(first[name])}`,
    );
    return names.length > 0 ? [`rank ${i + 1} has ${said.join('; ')}`] : [];
  });
  if (differing.length === 0) return;
  throw new ConfigError(
    `processes: expected all to begin with what rank 0 has; ${differing.join('. ')}. Start all with the same command, images and initial weights, and the same @bag-of-tricks packages, as npm ci installs them from one package-lock.json; what each machine chose for itself, such as amp.native, give as a setting`,
  );
}
