import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ListFileEntry } from '@huggingface/hub';
import type { Hub } from './hub.ts';

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
function checksumOf({ lfs, oid, size }: ListFileEntry): { expected: string; hash: Hash } {
  if (lfs) return { expected: lfs.oid, hash: createHash('sha256') };
  return { expected: oid!, hash: createHash('sha1').update(`blob ${size}\0`) };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * Downloads a file beside its place, goes on where an earlier download stopped, compares size and checksum with the hub's and puts it
 * into its place.
 *
 * @throws Error when it was cut off, which keeps what came, or when the bytes are not the hub's, which deletes them.
 */
export async function downloadFile(
  hub: Hub,
  { file, request, path }: Download,
  { say }: Progress,
): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const incomplete = `${path}.incomplete`;
  const { expected, hash } = checksumOf(file);
  const done = await takeUp(incomplete, file.size, hash);
  const name = basename(path);
  say(
    `${name}, ${megabytes(file.size)}${done > 0 ? `, of which ${megabytes(done)} are here` : ''}`,
  );
  const received =
    done + (await append(hub, { file, request, path: incomplete }, { done, hash, say }));
  const problem =
    received !== file.size
      ? `${received} bytes`
      : (hash.digest('hex') !== expected && 'other bytes of that length') || null;
  if (problem) {
    await rm(incomplete, { force: true });
    throw new Error(
      `${name} of ${request.repo}: expected ${file.size} bytes with the checksum ${expected.slice(0, 12)}…, got ${problem}. They were deleted; try again`,
    );
  }
  await rename(incomplete, path);
}

/** Hashes what an earlier download left, and returns how much that is. */
async function takeUp(incomplete: string, size: number, hash: Hash): Promise<number> {
  if (!existsSync(incomplete)) return 0;
  const done = statSync(incomplete).size;
  if (done > size) {
    await rm(incomplete);
    return 0;
  }
  for await (const chunk of createReadStream(incomplete)) hash.update(chunk as Uint8Array);
  return done;
}

interface Appending {
  readonly done: number;
  readonly hash: Hash;
  readonly say: Progress['say'];
}

/** Appends the rest of a file, and returns how many bytes came. */
async function append(
  hub: Hub,
  { file, request, path }: Download,
  { done, hash, say }: Appending,
): Promise<number> {
  if (done === file.size && done > 0) return 0;
  // Plain ranges of bytes: the chunks of Xet cannot be taken up in the middle.
  const blob = await hub.downloadFile({ ...request, path: file.path, xet: false });
  if (!blob)
    throw new Error(
      `${file.path} of ${request.repo}: the hub lists it and has it not. Try again later`,
    );
  const handle = await open(path, 'a');
  let received = 0;
  let tenths = Math.floor((10 * done) / file.size);
  try {
    const rest = done > 0 ? blob.slice(done, file.size) : blob;
    for await (const chunk of rest.stream() as unknown as AsyncIterable<Uint8Array>) {
      await handle.write(chunk);
      hash.update(chunk);
      received += chunk.length;
      const now = Math.floor((10 * (done + received)) / file.size);
      if (now > tenths && now < 10) say(`${basename(file.path)}, ${now * 10} %`);
      tenths = now;
    }
  } catch (cause) {
    throw new Error(
      `${file.path} of ${request.repo}: the download was cut off after ${done + received} of ${file.size} bytes. Try again; it goes on from there`,
      { cause },
    );
  } finally {
    await handle.close();
  }
  return received;
}
