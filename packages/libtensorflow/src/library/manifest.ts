import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trustDefect } from './trust.ts';

/** What was installed into a folder of the cache: tells a damaged copy from a whole one. */
export interface Manifest {
  readonly version: string;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const fileName = 'manifest.json';
/** Which state of each file was compared with its hash: written at the first look, so that the next ones need not read 850 MB. */
const verifiedName = 'verified.json';

export async function writeManifest(
  folder: string,
  version: string,
  paths: readonly string[],
): Promise<void> {
  const files: ManifestFile[] = [];
  for (const path of paths) {
    const { size } = await stat(join(folder, path));
    files.push({ path, bytes: size, sha256: await fileHash(join(folder, path)) });
  }
  const manifest: Manifest = { version, files };
  await writeFile(join(folder, fileName), `${JSON.stringify(manifest, null, 2)}\n`);
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, fileName), 'utf8')) as Manifest;
}

/**
 * The first difference between the folder and its manifest, or why others could have changed it. Bytes are read where a file is not the
 * one that was compared before (size, inode, times of change), and all of them if `deep`.
 */
export async function folderDefect(
  folder: string,
  { files }: Manifest,
  { deep = false }: { readonly deep?: boolean } = {},
): Promise<string | undefined> {
  const verified = deep ? {} : await readVerified(folder);
  const states: Record<string, string> = {};
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    const stats = await stat(file, { bigint: true }).catch(() => undefined);
    if (stats === undefined) return `${file} is missing`;
    if (stats.size !== BigInt(bytes)) return `${file} has ${stats.size} bytes instead of ${bytes}`;
    const state = `${sha256} ${stats.size} ${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`;
    states[path] = state;
    if (verified[path] === state) continue;
    if ((await fileHash(file)) !== sha256) return `${file} is damaged (wrong sha256)`;
  }
  const defect = await trustDefect(folder, [fileName, ...files.map(({ path }) => path)]);
  const known = files.every(({ path }) => verified[path] === states[path]);
  if (defect === undefined && !known) await writeVerified(folder, states);
  return defect;
}

async function readVerified(folder: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(join(folder, verifiedName), 'utf8')) ?? {};
  } catch {
    return {};
  }
}

/** In place: what a kill or another process tears is no JSON, and reads as nothing verified. */
async function writeVerified(folder: string, states: Record<string, string>): Promise<void> {
  // A cache that is not ours to write, or full: the next process reads the bytes again.
  await writeFile(join(folder, verifiedName), `${JSON.stringify(states, null, 2)}\n`).catch(
    () => {},
  );
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
