import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/** The first difference between the folder and its manifest; `deep` reads every byte. */
export async function folderDefect(
  folder: string,
  { files }: Manifest,
  { deep = false }: { readonly deep?: boolean } = {},
): Promise<string | undefined> {
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    const size = await stat(file).then(
      (stats) => stats.size,
      () => undefined,
    );
    if (size === undefined) return `${file} is missing`;
    if (size !== bytes) return `${file} has ${size} bytes instead of ${bytes}`;
    if (deep && (await fileHash(file)) !== sha256) return `${file} is damaged (wrong sha256)`;
  }
  return undefined;
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
