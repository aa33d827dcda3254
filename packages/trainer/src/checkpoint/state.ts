import { z } from 'zod';
import { allOff, parseConfig } from '../config/parse.ts';
import type { KnownTricks, TrainConfig } from '../config/schema.ts';
import { dataRecord } from '../data/fingerprint.ts';

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
  imageShape: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]),
  classNames: z.array(z.string()).min(2),
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  tricks: z.array(z.string()).describe('tricks of other packages that the run has'),
  data: dataRecord.nullish(),
  pretrained: provenance.nullish(),
  config: z.unknown(),
});

/** Everything of a run besides the tensors: enough to go on, to evaluate, and to serve as a teacher. */
export type CheckpointState = Omit<z.output<typeof stateSchema>, 'config'> & {
  readonly config: TrainConfig;
};

/** The score of a checkpoint by the text of its `state.json`; null where it has none or cannot be read. */
export function scoreOf(text: string): number | null {
  try {
    const { formatVersion, score, best, epoch, stepInEpoch } = JSON.parse(text) as CheckpointState;
    if (formatVersion === 3) return score ?? null;
    return best?.epoch === epoch - 1 && stepInEpoch === 0 ? best.top1 : null;
  } catch {
    return null;
  }
}

/** Reads `state.json`; an unreadable or foreign one is an error that names the file, a trick that is not loaded one that asks for it. */
export function parseState(text: string, path: string, known: KnownTricks): CheckpointState {
  const names = known.map(({ name }) => name);
  let missing: string[] = [];
  try {
    const { config, ...state } = stateSchema.parse(JSON.parse(text));
    missing = state.tricks.filter((name) => !names.includes(name));
    if (missing.length === 0) {
      // A trick that the run did not know stays off, even one that is on by default.
      const whole = typeof config === 'object' && config ? { ...allOff(known), ...config } : config;
      return { ...state, config: parseConfig(whole, { known, ownParts: true }) };
    }
  } catch (cause) {
    throw new Error(
      `${path}: expected the state of a bag-of-tricks checkpoint, format version 3 or 2; ${(cause as Error).message}. Give another checkpoint`,
      { cause },
    );
  }
  throw new Error(
    `${path}: the run has the trick ${missing.join(', ')} of another package, which is not loaded. Give its module with --plugin, or pass it in \`plugins\``,
  );
}
