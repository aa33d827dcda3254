import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKSUMS, findDamage, isUnread, type Rating } from '@bag-of-tricks/durable-files';
import { z } from 'zod';
import { readPart } from '../files.ts';

const count = z.int().min(0);

/** What a checkpoint knows of the images that its run is trained on: a few bytes, however many they are. */
const dataRecord = z.strictObject({
  digest: z.string(),
  files: z.strictObject({ train: count, eval: count }),
  perClass: z.array(count).readonly(),
  stepsPerEpoch: count,
});

const totalsSchema = z.strictObject({
  steps: z.int().min(0),
  lossSum: z.number(),
  top1Sum: z.number(),
  skipped: z.int().min(0),
  seconds: z.number().min(0),
  dataSeconds: z.number().min(0),
});

/** Sums over the steps of an epoch so far. */
export type EpochTotals = z.output<typeof totalsSchema>;

const bestSchema = z.strictObject({ top1: z.number(), epoch: z.int().min(0) });

/** The best evaluation so far: accuracy in percent, and its epoch. */
export type Best = z.output<typeof bestSchema>;

/** The weights that the run started from. */
const provenance = z.strictObject({
  source: z.string(),
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string() })).readonly(),
  license: z.string().nullable(),
});

const stateSchema = z.strictObject({
  formatVersion: z.literal([2, 3]),
  epoch: z.int().min(0).describe('epoch that the next step belongs to'),
  stepInEpoch: z.int().min(0).describe('steps of that epoch already taken'),
  totals: totalsSchema,
  best: bestSchema.nullable(),
  score: z
    .number()
    .nullable()
    .optional()
    .describe(
      'accuracy of the evaluation that this checkpoint follows, in percent; null without one',
    ),
  weights: z.string().nullable().describe("the weights that scored best, if not the network's own"),
  imageShape: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]).readonly(),
  classNames: z.array(z.string()).min(2).readonly(),
  mean: z.array(z.number()).readonly(),
  std: z.array(z.number().positive()).readonly(),
  tricks: z.array(z.string()).describe('tricks of other packages that the run has'),
  processes: z.int().min(1).optional().describe('how many trained it; default: 1'),
  data: dataRecord.nullish(),
  pretrained: provenance.nullish(),
  config: z.unknown(),
});

/** Everything of a run besides the tensors: enough to go on, to evaluate, and to serve as a teacher. `config` is the trainer's. */
export type CheckpointState<Config = unknown> = Omit<z.output<typeof stateSchema>, 'config'> & {
  readonly config: Config;
};

/** From what a checkpoint keeps as its settings to settings that hold; what it throws, says why they do not. */
export type ReadConfig<Config> = (state: CheckpointState, path: string) => Config;

/** The error of a `state.json` that is another program's, or damaged. */
export const foreignState = (path: string, cause: unknown): Error =>
  new Error(
    `${path}: expected the state of a bag-of-tricks checkpoint, format version 3 or 2; ${(cause as Error).message}. Give another checkpoint`,
    { cause },
  );

/** @throws Error that names the file, when it is unreadable or foreign. */
export function parseState(text: string, path: string): CheckpointState {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw foreignState(path, cause);
  }
}

/** The error of a checkpoint whose bytes are not those that were written. */
export const damagedCheckpoint = (folder: string, damage: string): Error =>
  new Error(`checkpoint ${folder} is damaged: ${damage}. Use another checkpoint`);

/**
 * The state of a checkpoint whose bytes are those of its checksum.
 *
 * @throws Error when it is damaged, another program's, or cannot be read.
 */
export async function readState(folder: string): Promise<CheckpointState> {
  const name = 'state.json';
  const bytes = await readPart(folder, name);
  const hasSums = existsSync(join(folder, CHECKSUMS));
  const damage = hasSums ? await findDamage(folder, [name], { [name]: bytes }) : null;
  if (damage !== null) throw damagedCheckpoint(folder, damage);
  const state = parseState(new TextDecoder().decode(bytes), join(folder, name));
  // Those of format 2 have none.
  if (!hasSums && state.formatVersion !== 2)
    throw damagedCheckpoint(folder, `${CHECKSUMS} is missing`);
  return state;
}

/**
 * Whether a checkpoint stays: by its score, null where it was not evaluated, and of several processes as a landmark at an epoch's border,
 * for there alone another number of them can go on.
 *
 * @throws What `readState` throws, with what to do: such a checkpoint may be the best.
 */
export async function rate(folder: string): Promise<Rating> {
  try {
    const state = await readState(folder);
    const { processes = 1, stepInEpoch } = state;
    return { score: scoreIn(state), isLandmark: processes > 1 && stepInEpoch === 0 };
  } catch (cause) {
    // Its run deleted it meanwhile.
    if (!existsSync(folder)) return { score: null };
    if (isUnread(cause)) throw cause;
    throw new Error(
      `${(cause as Error).message}. How good it is, is not known: put its files back from a copy, or delete the folder to give it up`,
      { cause },
    );
  }
}

function scoreIn(state: CheckpointState): number | null {
  const { formatVersion, score = null, best, epoch, stepInEpoch } = state;
  if (formatVersion === 3) return score;
  return best?.epoch === epoch - 1 && stepInEpoch === 0 ? best.top1 : null;
}
