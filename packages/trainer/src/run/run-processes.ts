import {
  type Cluster,
  connect,
  LostProcessError,
  type Processes,
} from '@bag-of-tricks/data-parallel';
import {
  type BadImage,
  formatShare,
  newestCheckpoint,
  type Position,
} from '@bag-of-tricks/run-folder';
import type { ProcessGroup } from '@bag-of-tricks/train-step';
import { stillGoing, waitForOthers } from './still-going.ts';

/** The processes of a run: they take each step together, and stop together. */
export interface RunProcesses extends Processes, ProcessGroup {
  readonly cluster: Cluster | null;
  /** Aborted when all are to stop after this step; of a process by itself, when it is asked to. */
  readonly signal: AbortSignal | undefined;
  /** Told which share of the processes was asked to stop: they all stop if any was. */
  hear(stopping: number): void;
  /** Sums over the images of all processes, of sums over those of each. */
  sumScores(scores: readonly number[]): Promise<number[]>;
}

/** Connects to the others, if there are any; `signal` asks this one to stop, `onWait` hears for whom it waits. */
export async function openProcesses(
  cluster: Cluster | null,
  signal: AbortSignal | undefined,
  onWait?: (message: string) => void,
): Promise<RunProcesses> {
  const processes = await connect(cluster, { signal, onWait });
  const isToStop = () => signal?.aborted ?? false;
  const base = { ...processes, cluster, timeout: cluster?.timeout, isToStop };
  if (cluster === null) return { ...base, signal, hear: () => {}, sumScores: processes.sum };
  const together = new AbortController();
  const hear = (stopping: number) => {
    if (stopping > 0) together.abort();
  };
  return {
    ...base,
    ...{ signal: together.signal, hear },
    async sumScores(scores) {
      const [stopping, ...sums] = await processes.sum([isToStop() ? 1 : 0, ...scores]);
      hear(stopping!);
      return sums;
    },
  };
}

/** Processes of which there is this one alone: their step can be traced, and not taken. */
export async function imagineProcesses(size: number): Promise<RunProcesses> {
  const alone = await openProcesses(null, undefined);
  return { ...alone, size, gather: async (value) => Array.from({ length: size }, () => value) };
}

/** Sums scores, and says now and then that it waits for a process that takes longer over its part of an evaluation. */
export const sumAloud =
  ({ sumScores }: Pick<RunProcesses, 'sumScores'>, say: (line: string) => void) =>
  (scores: readonly number[]): Promise<number[]> =>
    stillGoing(waitForOthers, sumScores(scores), say);

/** Says which of several processes waited for their images between two positions, while the others waited for them. */
export async function nameWaiting(
  { size, gather }: Pick<Processes, 'size' | 'gather'>,
  [{ totals: from }, { totals: to }]: readonly [Pick<Position, 'totals'>, Pick<Position, 'totals'>],
  warn: (message: string) => void,
): Promise<void> {
  if (size === 1) return;
  const share = (to.dataSeconds - from.dataSeconds) / (to.seconds - from.seconds);
  const shares = await gather(share);
  for (const [rank, waited] of shares.entries()) {
    if (waited > 0.1) warn(`rank ${rank} waited ${formatShare(waited, 1)} of the epoch for images`);
  }
}

/** The images that the processes leave out, told by rank 0: its own at once, those of the others when all of them `share`. */
export function badImagesOfAll(
  { rank, size, gather }: Pick<Processes, 'rank' | 'size' | 'gather'>,
  tell: (skipped: BadImage) => void,
): { onBadImage(skipped: BadImage): void; share(): Promise<void> } {
  const found: BadImage[] = [];
  return {
    onBadImage(skipped) {
      found.push(skipped);
      if (rank === 0) tell(skipped);
    },
    async share() {
      const own = found.splice(0);
      if (size === 1) return;
      const all = await gather(own);
      if (rank > 0) return;
      // Two ranks may come to the same one, in search of another for a bad one.
      const told = new Set(own.map(({ image }) => image));
      for (const skipped of all.slice(1).flat()) {
        if (!told.has(skipped.image)) tell(skipped);
        told.add(skipped.image);
      }
    },
  };
}

/** Of a run whose other processes are gone, the error with what there is to go on from. */
export function withLastCheckpoint(error: unknown, runFolder: string | undefined): unknown {
  if (!(error instanceof LostProcessError) || runFolder === undefined) return error;
  const last = newestCheckpoint(runFolder);
  const left = last === null ? 'Nothing was saved before' : `The last checkpoint is ${last}`;
  return new LostProcessError(`${error.message}. ${left}`, { cause: error });
}
