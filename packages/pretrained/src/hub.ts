import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FolderLockedError, lockFolder } from '@bag-of-tricks/durable-files';
import { explain, Missing, Stalled, Unreachable } from './hub-errors.ts';
import { downloadFile, type Progress, silence } from './hub-file.ts';
import type { HubOptions } from './hub-options.ts';
import { pickled, pickleError } from './pickle.ts';
import { readShardIndex, shardIndex } from './safetensors-files.ts';

/** How a source on the hub begins. */
export const hubPrefix = 'hf:';

export type Hub = typeof import('@huggingface/hub');

/** A folder of the hub in the cache. */
export interface HubFolder {
  readonly folder: string;
  readonly name: string;
  readonly commit: string;
}

const install = 'npm install @huggingface/hub';

/** The optional library; `load` is what imports it. */
export async function importHub(
  load: () => Promise<Hub> = () => import('@huggingface/hub'),
): Promise<Hub> {
  try {
    return await load();
  } catch (cause) {
    throw new Error(
      `${hubPrefix}: expected the library @huggingface/hub, which fetches weights of the hub, it cannot be imported (${(cause as { code?: string }).code ?? (cause as Error).message}). Run: ${install}`,
      { cause },
    );
  }
}

/** Owner, name and revision of `hf:owner/name@revision`. */
function parseSource(source: string): { readonly name: string; readonly revision: string } {
  const [, name, revision = 'main'] =
    /^hf:([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w-][\w./-]*))?$/.exec(source) ?? [];
  if (name && !revision.includes('..')) return { name, revision };
  throw new Error(
    `${source}: expected ${hubPrefix}owner/name, such as hf:timm/resnet50d.ra2_in1k, and perhaps @revision behind it`,
  );
}

interface Fetching extends HubOptions {
  /** Called when all but the weights is there; what it throws ends the fetch. */
  readonly beforeWeights?: (found: HubFolder) => Promise<void>;
}

/**
 * Fetches the `config.json` and the weights of a repository on the hub into the hub's cache; what is there is not fetched again. A
 * download that was cut off goes on where it stopped. Without a connection, the cache is used.
 *
 * @throws Error when the library is missing, there is no such repository, no connection, or the bytes are not the hub's.
 */
export async function fetchFromHub(source: string, options: Fetching = {}): Promise<HubFolder> {
  const { name, revision } = parseSource(source);
  const hub = await importHub();
  const { cacheDir = hub.getHFHubCachePath(), onProgress = () => {} } = options;
  const repository = join(cacheDir, hub.getRepoFolderName({ type: 'model', name }));
  const reference = join(repository, 'refs', revision);
  const snapshot = (commit: string) => join(repository, 'snapshots', commit);
  // A commit is the same for ever.
  if (await isWhole(snapshot(revision), ['config.json']))
    return { folder: snapshot(revision), name, commit: revision };
  try {
    const commit = await commitOf(hub, { name, revision }, options);
    const release = await lockWhenFree(repository, { say: sayOf(name, options) }, options.signal);
    try {
      await fetchFiles(hub, { name, commit, folder: snapshot(commit) }, options);
      await mkdir(dirname(reference), { recursive: true });
      await writeFile(reference, commit);
    } finally {
      await release();
    }
    return { folder: snapshot(commit), name, commit };
  } catch (cause) {
    options.signal?.throwIfAborted();
    const error = explain(cause, { source, hub });
    const commit = existsSync(reference) ? (await readFile(reference, 'utf8')).trim() : revision;
    // A refusal by the hub holds, though an older copy be there; only where it could not be reached does that stand in.
    if (!(error instanceof Unreachable) || !(await isWhole(snapshot(commit)))) throw error;
    onProgress(
      `${source}: the hub cannot be reached (${error.reason}); using ${commit} of the cache`,
    );
    return { folder: snapshot(commit), name, commit };
  }
}

const sayOf =
  (name: string, { onProgress = () => {} }: HubOptions): Progress['say'] =>
  (message) =>
    onProgress(`${hubPrefix}${name}: ${message}`);

/** Takes a repository's folder of the cache; waits while another process fetches into it. */
async function lockWhenFree(
  folder: string,
  { say }: Progress,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  for (let waits = false; ; waits = true) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderLockedError)) throw error;
      if (!waits) say(`process ${error.pid} on ${error.host} fetches it; waiting`);
      await delay(200, undefined, { signal });
    }
  }
}

/** Whether a folder of the cache has all its weights, and these files. */
async function isWhole(folder: string, besides: readonly string[] = []): Promise<boolean> {
  const has = (name: string) => existsSync(join(folder, name));
  if (!besides.every(has)) return false;
  if (!has(shardIndex)) return has('model.safetensors');
  return [...(await readShardIndex(join(folder, shardIndex))).keys()].every(has);
}

interface Repository {
  readonly name: string;
  readonly revision: string;
}

async function commitOf(hub: Hub, { name, revision }: Repository, options: HubOptions) {
  const { sha } = await hub.modelInfo({
    ...{ name, revision, additionalFields: ['sha'] },
    ...reaching(name, options),
  });
  if (/^[0-9a-f]{7,64}$/.test(sha)) return sha;
  throw new Error(`expected a commit, got ${JSON.stringify(sha)}`);
}

/** The files of a folder of weights: first the small ones, then what an index names. */
async function fetchFiles(hub: Hub, found: HubFolder, options: Fetching): Promise<void> {
  const { name, commit, folder } = found;
  const request = { repo: name, revision: commit, ...reaching(name, options) };
  const files = new Map<string, import('@huggingface/hub').ListFileEntry>();
  for await (const file of hub.listFiles(request)) {
    if (file.type === 'file') files.set(file.path, file);
  }
  const progress: Progress = { say: sayOf(name, options) };
  const get = async (path: string) => {
    const file = files.get(path);
    if (!file) throw new Missing(`expected ${path}, which ${shardIndex} names, found none`);
    await downloadFile(hub, { file, request, path: join(folder, path) }, progress);
  };
  if (files.has('config.json')) await get('config.json');
  await options.beforeWeights?.(found);
  if (files.has('model.safetensors')) return get('model.safetensors');
  if (files.has(shardIndex)) {
    await get(shardIndex);
    for (const file of (await readShardIndex(join(folder, shardIndex))).keys()) await get(file);
    return;
  }
  const pickle = [...files.keys()].find((path) => pickled.some((ending) => path.endsWith(ending)));
  if (pickle) throw pickleError(pickle);
  throw new Missing(`expected model.safetensors or ${shardIndex}, found neither`);
}

/** Where and as whom the library asks; it takes no option that is undefined. */
function reaching(name: string, options: HubOptions) {
  const { HF_ENDPOINT, HF_TOKEN } = process.env;
  const hubUrl = (options.hubUrl ?? HF_ENDPOINT)?.replace(/\/+$/, '');
  const accessToken = options.accessToken ?? HF_TOKEN;
  return {
    fetch: fetchUntil(sayOf(name, options), options),
    ...(hubUrl && { hubUrl }),
    ...(accessToken && { accessToken }),
  };
}

/** `fetch` that ends with the signal, and where no byte comes for too long; says that it waits. */
function fetchUntil(
  say: Progress['say'],
  { signal, stallAfter = 60_000 }: HubOptions,
): typeof fetch {
  return async (url, init) => {
    const stall = new AbortController();
    const timer = setTimeout(() => stall.abort(new Stalled(stallAfter)), stallAfter).unref();
    let waited = 0;
    const waits = setInterval(() => {
      waited += silence / 1000;
      say(`no answer of the hub yet, ${waited} s so far`);
    }, silence);
    const signals = signal ? [signal, stall.signal] : [stall.signal];
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
      const watch = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, to) {
          timer.refresh();
          to.enqueue(chunk);
        },
        flush: () => clearTimeout(timer),
      });
      return new Response(response.body?.pipeThrough(watch) ?? null, response);
    } catch (error) {
      clearTimeout(timer);
      throw error;
    } finally {
      clearInterval(waits);
    }
  };
}
