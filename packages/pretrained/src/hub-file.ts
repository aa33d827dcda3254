import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { explainCode } from '@bag-of-tricks/durable-files';
import type { ListFileEntry } from '@huggingface/hub';
import type { Hub } from './hub.ts';
import { Stalled } from './hub-errors.ts';

/** Who hears of a download. */
export interface Progress {
  readonly say: (message: string) => void;
}

/** What every call of the library is given. */
export interface HubRequest {
  readonly repo: string;
  readonly revision: string;
  readonly hubUrl?: string;
  readonly accessToken?: string;
  readonly fetch?: typeof fetch;
}

/** A file of the hub, how to ask for it, and where it goes. */
interface Download {
  readonly file: ListFileEntry;
  readonly request: HubRequest;
  readonly path: string;
}

/** What the hub names a file by: the SHA-256 of a large one, of a small one git's SHA-1, which counts the length in. */
async function hasChecksum(path: string, { lfs, oid, size }: ListFileEntry): Promise<boolean> {
  const hash = lfs ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === (lfs?.oid ?? oid);
}

const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The longest silence while something is fetched, in milliseconds. */
export const silence = 10_000;

/**
 * Downloads a file beside its place, goes on where an earlier download stopped, compares size and checksum with the hub's and puts it
 * into its place. A file there of another size is none of the hub's and is replaced. The caller holds the lock of the folder.
 *
 * @throws Error when it was cut off, which keeps what came, or when the bytes are not the hub's, which deletes them.
 */
export async function downloadFile(
  hub: Hub,
  { file, request, path }: Download,
  { say }: Progress,
): Promise<void> {
  if (existsSync(path) && sizeOf(path) === file.size) return;
  await mkdir(dirname(path), { recursive: true });
  const incomplete = `${path}.incomplete`;
  if (sizeOf(incomplete) > file.size) await rm(incomplete);
  const done = sizeOf(incomplete);
  const name = basename(path);
  say(
    `${name}, ${megabytes(file.size)}${done > 0 ? `, of which ${megabytes(done)} are here` : ''}`,
  );
  if (done < file.size || done === 0) {
    await append(hub, { file, request, path: incomplete }, { done, say });
  }
  // Of the file itself, whoever wrote it.
  const size = sizeOf(incomplete);
  const isWhole = size === file.size && (await hasChecksum(incomplete, file));
  if (!isWhole) {
    await rm(incomplete, { force: true });
    const problem = size === file.size ? 'other bytes of that length' : `${size} bytes`;
    throw new Error(
      `${name} of ${request.repo}: expected ${file.size} bytes with the checksum ${(file.lfs?.oid ?? file.oid)!.slice(0, 12)}…, got ${problem}. They were deleted; try again`,
    );
  }
  await rename(incomplete, path);
}

interface Appending {
  readonly done: number;
  readonly say: Progress['say'];
}

/** Appends the rest of a file. */
async function append(
  hub: Hub,
  { file, request, path }: Download,
  { done, say }: Appending,
): Promise<void> {
  const name = basename(file.path);
  // Plain ranges of bytes: the chunks of Xet cannot be taken up in the middle.
  const blob = await hub.downloadFile({ ...request, path: file.path, xet: false });
  if (!blob)
    throw new Error(
      `${file.path} of ${request.repo}: the hub lists it and has it not. Try again later`,
    );
  const handle = await open(path, 'a');
  let received = done;
  const timer = setInterval(
    () => say(`${name}, ${(received / 1e6).toFixed(1)} of ${megabytes(file.size)}`),
    silence,
  );
  let unwritten: unknown;
  let tenths = Math.floor((10 * done) / file.size);
  try {
    const rest = done > 0 ? blob.slice(done, file.size) : blob;
    for await (const chunk of rest.stream() as unknown as AsyncIterable<Uint8Array>) {
      // Unlike `write`, it goes on where the disk took a part only.
      await handle.writeFile(chunk).catch((cause: unknown) => {
        unwritten = cause;
        throw cause;
      });
      received += chunk.length;
      const now = Math.floor((10 * received) / file.size);
      if (now > tenths && now < 10) say(`${name}, ${now * 10} %`);
      tenths = now;
    }
  } catch (cause) {
    if (cause === unwritten)
      throw new Error(
        `${path}: expected that ${file.size} bytes can be written, got ${explainCode(cause)} after ${received}. Make room, or set HF_HUB_CACHE to a folder on another disk, and try again; in the same folder it goes on from there`,
        { cause },
      );
    const why = cause instanceof Stalled ? `, where ${cause.message}` : '';
    throw new Error(
      `${file.path} of ${request.repo}: the download was cut off after ${received} of ${file.size} bytes${why}. Try again; it goes on from there`,
      { cause },
    );
  } finally {
    clearInterval(timer);
    await handle.close();
  }
}
