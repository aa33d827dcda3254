import { existsSync } from 'node:fs';
import { readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKSUMS, checksumsOf, findDamage } from './checksums.ts';
import { checkFreeSpace } from './free-space.ts';
import { removeLeftovers } from './leftovers.ts';
import { renamePatiently } from './rename-patiently.ts';
import { syncFolder } from './sync-folder.ts';
import { explainCode } from './system-errors.ts';
import {
  type Files,
  removeFolder,
  writeFolderWhole,
  writeLinkWhole,
} from './write-folder-whole.ts';

/** One checkpoint of a store. */
export interface Checkpoint {
  /** Of its folder. */
  readonly name: string;
  /** How good it is, higher is better; null where that was not measured. */
  readonly score: number | null;
  /** Whether it is one of those of which the newest stays, whatever its score. */
  readonly isLandmark?: boolean;
  /** Why its score, null then, could not be read: it may be the best. */
  readonly unread?: Error;
}

/** What is read in the folder of a checkpoint to say whether it stays. */
export type Rating = Pick<Checkpoint, 'score' | 'isLandmark'>;

/** What a store knows of its checkpoints. */
export interface CheckpointStoreOptions {
  /** Begins the names of checkpoints; sorted by name, numbers in it by their value, they are in order of saving. */
  readonly prefix: string;
  /** What the folder of a checkpoint says of it; rejected where that cannot be read: it stays then, beside those that would without it. */
  readonly rate: (folder: string) => Promise<Rating>;
  /** Is told what of tidying up failed, once for each folder, and of each checkpoint whose score cannot be read. Default: nobody. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Folders, and checkpoints, of which was said what of them is wrong. */
const told = new Set<string>();

const { compare } = new Intl.Collator('en', { numeric: true });

/** The best ones, `count` of them at most, best first; of equal ones the earlier. */
export function bestOf(checkpoints: readonly Checkpoint[], count = 1): Checkpoint[] {
  const scored = checkpoints.filter(({ score }) => score !== null);
  return scored.sort((a, b) => b.score! - a.score!).slice(0, count);
}

/**
 * What stays: the last, the `keepBest` best and the newest landmark, and the same of all but the last, so that there is something whole
 * to go back to when the last is damaged.
 */
export function keptOf(checkpoints: readonly Checkpoint[], keepBest = 1): ReadonlySet<string> {
  const kept = [checkpoints, checkpoints.slice(0, -1)].flatMap((some) => [
    ...some.slice(-1),
    ...bestOf(some, keepBest),
    ...some.filter(({ isLandmark }) => isLandmark).slice(-1),
  ]);
  return new Set(kept.map(({ name }) => name));
}

/**
 * Checkpoints in a folder, a folder each. Which is the last, which is the best and which stay follows from the folders that are there
 * and what is in them, so that the renaming of a finished folder is the only decision, and a restart after a kill at any moment
 * comes to the same end. The links `last` and `best` are a convenience: derived, mended, and not needed where there are none, as on
 * some file systems and in copies that follow links.
 *
 * @example
 * ```ts no-run
 * import { checkpointStore } from '@bag-of-tricks/durable-files';
 *
 * const store = checkpointStore('checkpoints', { prefix: 'step-', rate: async () => ({ score: null }) });
 * await store.save('step-0001', { 'weights.bin': new Uint8Array(4) });
 * console.log((await store.list()).at(-1)?.name); // step-0001
 * ```
 */
export function checkpointStore(folder: string, { prefix, rate, warn }: CheckpointStoreOptions) {
  const list = async (): Promise<Checkpoint[]> => {
    const entries = existsSync(folder) ? await readdir(folder, { withFileTypes: true }) : [];
    const names = entries.filter((one) => one.isDirectory() && one.name.startsWith(prefix));
    return Promise.all(
      names
        .map(({ name }) => name)
        .sort(compare)
        .map((name) =>
          rate(join(folder, name)).then(
            (rating) => ({ name, ...rating }),
            (unread: Error) => ({ name, score: null, unread }),
          ),
        ),
    );
  };

  const point = async (link: string, target: string | undefined) => {
    const path = join(folder, link);
    const now = await readlink(path).catch(() => null);
    if (now === target) return;
    // A copy that followed links has folders here.
    if (now === null || target === undefined) await rm(path, { recursive: true, force: true });
    if (target !== undefined) await writeLinkWhole(path, target);
  };

  const tell = (about: string, message: string) => {
    if (!warn || told.has(about)) return;
    told.add(about);
    warn(`Warning: ${message}`);
  };

  /** Deletes what does not stay and what a killed process left, and mends the links. What fails now is tried again the next time. */
  const mend = async (keepBest = 1): Promise<void> => {
    const checkpoints = await list();
    const kept = keptOf(checkpoints, keepBest);
    const tried = (what: string, task: Promise<void>) =>
      task.catch((error: NodeJS.ErrnoException) => {
        tell(
          folder,
          `${folder}: could not ${what}, got ${explainCode(error)}. What is saved is whole; this is tried again with every checkpoint, and not said again`,
        );
      });
    await tried('delete what a killed process left', removeLeftovers(folder));
    await tried('write the link last', point('last', checkpoints.at(-1)?.name));
    const unread = checkpoints.filter((one) => one.unread);
    for (const { name, unread: reason } of unread)
      tell(join(folder, name), `${name} may be the best, so it stays: ${reason!.message}`);
    if (unread.length === 0)
      await tried('write the link best', point('best', bestOf(checkpoints)[0]?.name));
    for (const one of checkpoints)
      if (!one.unread && !kept.has(one.name))
        await tried(`delete ${one.name}`, removeFolder(join(folder, one.name)));
  };

  return {
    list,
    mend,
    /**
     * Writes a checkpoint with its checksums, then deletes what does not stay. One of that name is left as it is, unless its bytes are
     * not those of its checksums.
     *
     * @throws SpaceError when it does not fit; what the file system throws. What was there before is still there then.
     */
    async save(
      name: string,
      files: Files,
      { keepBest = 1 }: { readonly keepBest?: number } = {},
    ): Promise<void> {
      const path = join(folder, name);
      const damaged = existsSync(join(path, CHECKSUMS)) && (await findDamage(path)) !== null;
      if (!existsSync(path) || damaged) {
        await checkFreeSpace(folder, files);
        await writeFolderWhole(path, { ...files, [CHECKSUMS]: checksumsOf(files) });
      }
      await mend(keepBest);
    },
    /**
     * Deletes the checkpoints after `name`, the newest first, so that `name` is the last. `as` is what it is called from then on, where
     * those that follow are counted otherwise and would not come after it.
     *
     * @throws What the file system throws.
     */
    async goBackTo(name: string, { as = name }: { readonly as?: string } = {}): Promise<void> {
      const later = (await list()).filter((one) => compare(one.name, name) > 0);
      for (const one of later.reverse()) await removeFolder(join(folder, one.name));
      if (as === name) return;
      await renamePatiently(join(folder, name), join(folder, as));
      await syncFolder(folder);
    },
  };
}
