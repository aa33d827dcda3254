import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorCode, Fault, Operation } from '../library/control.ts';
import { runName } from '../run/tiny-run.ts';
import { allCases, type Case, errorCodes } from './cases.ts';
import { fault, type Outcome } from './outcome.ts';
import { openPool, type Pool, type Reply } from './pool.ts';
import type { Result } from './table.ts';
import type { Reference } from './worker.ts';

/** What is needed to take cases. */
interface Room {
  readonly scratch: string;
  readonly copies: string;
  readonly chosen: readonly Case[];
  readonly pool: Pool;
  readonly reference: Reference;
}

function expectReply<T>(reply: Reply<T>): T {
  if ('reply' in reply) return reply.reply;
  throw new Error(`fault driver: ${'failed' in reply ? reply.failed : reply.ended}`);
}

const outcomeOf = (reply: Reply<Outcome>): Outcome => {
  if ('reply' in reply) return reply.reply;
  return fault('failed' in reply ? reply.failed : `the process ended with ${reply.ended}`);
};

/** The run without faults, and how its folder looked before each operation, if asked, in a process that ends then as a kill would. */
async function openRoom(
  library: string,
  choose: (all: readonly Case[]) => readonly Case[],
  workers: number,
): Promise<Room> {
  const scratch = mkdtempSync(join(tmpdir(), 'faults-'));
  const copies = join(scratch, 'copies');
  const original = join(scratch, 'original');
  for (const folder of [copies, original]) mkdirSync(folder);
  const first = openPool(library, 1);
  try {
    const reference = expectReply<Reference>(
      await first.run({ task: 'reference', folder: original }),
    );
    const chosen = choose(allCases(reference.operations));
    if (chosen.some(isCopied)) {
      rmSync(join(original, runName), { recursive: true });
      const failed = expectReply<string | null>(
        await first.run({ task: 'live', folder: original, fault: { kind: 'copy', copies } }),
      );
      if (failed !== null) throw new Error(`fault driver: the copied run failed: ${failed}`);
    }
    return { scratch, copies, chosen, pool: openPool(library, workers), reference };
  } finally {
    first.close();
  }
}

const isCopied = ({ fault: name }: Case) => name === 'kill' || name === 'torn';

const faultOf = ({ fault: name, at }: Case): Fault => {
  if (name === 'SIGKILL') return { kind: 'kill', at };
  if (errorCodes.includes(name)) return { kind: 'error', at, code: name as ErrorCode };
  return { kind: name as 'short' | 'full', at };
};

async function takeCase(given: Case, { scratch, copies, pool, reference }: Room): Promise<Outcome> {
  const folder = mkdtempSync(join(scratch, 'case-'));
  const recover = () => pool.run<Outcome>({ task: 'recover', folder, against: reference });
  try {
    if (isCopied(given)) {
      const copy = join(copies, `${given.at}${given.fault === 'torn' ? '-torn' : ''}`);
      if (existsSync(copy)) {
        cpSync(copy, join(folder, runName), { recursive: true, verbatimSymlinks: true });
      }
      return outcomeOf(await recover());
    }
    const job = { task: 'fail', folder, fault: faultOf(given), against: reference } as const;
    const reply = await pool.run<Outcome>(job);
    if (given.fault !== 'SIGKILL') return outcomeOf(reply);
    if (!('ended' in reply) || reply.ended !== 'SIGKILL') return fault('it was not killed');
    return outcomeOf(await recover());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `runCases` found. */
export interface Findings {
  /** Of a life without faults. */
  readonly operations: readonly Operation[];
  readonly results: readonly Result[];
  /** How a life without any fault differs from the uninterrupted run. */
  readonly undisturbed: Outcome;
}

/** Takes the cases that `choose` leaves of all, in so many processes at once. */
export async function runCases(
  library: string,
  {
    choose,
    workers,
    onResult = () => {},
  }: {
    readonly choose: (all: readonly Case[]) => readonly Case[];
    readonly workers: number;
    readonly onResult?: (result: Result) => void;
  },
): Promise<Findings> {
  const room = await openRoom(library, choose, workers);
  try {
    const { operations, undisturbed } = room.reference;
    const results: Result[] = [];
    const queue = room.chosen.entries();
    const work = async () => {
      for (const [i, given] of queue) {
        results[i] = { given, outcome: await takeCase(given, room) };
        onResult(results[i]);
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return { operations, results, undisturbed };
  } finally {
    room.pool.close();
    rmSync(room.scratch, { recursive: true, force: true });
  }
}
