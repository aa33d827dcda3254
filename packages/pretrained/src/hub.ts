import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadFile, type Progress } from './hub-file.ts';
import { pickled, pickleError } from './pickle.ts';
import { readShardIndex, shardIndex } from './safetensors-files.ts';

/** How a source on the hub begins. */
export const hubPrefix = 'hf:';

export type Hub = typeof import('@huggingface/hub');

/** Where and how the hub is reached. */
export interface HubOptions {
  /** Default: the library's own. */
  readonly hubUrl?: string | undefined;
  /** Default: the hub's own cache, which Python fills too: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub. */
  readonly cacheDir?: string | undefined;
  /** Opens private repositories. Default: none. */
  readonly accessToken?: string | undefined;
  /** Called with a line of text when a download begins, at every tenth of it, and when the cache stands in for the hub. */
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

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

/**
 * Fetches the `config.json` and the weights of a repository on the hub into the hub's cache; what is there is not fetched again. A
 * download that was cut off goes on where it stopped. Without a connection, the cache is used.
 *
 * @throws Error when the library is missing, there is no such repository, no connection, or the bytes are not the hub's.
 */
export async function fetchFromHub(source: string, options: HubOptions = {}): Promise<HubFolder> {
  const { name, revision } = parseSource(source);
  const hub = await importHub();
  const { cacheDir = hub.getHFHubCachePath(), onProgress = () => {} } = options;
  const repository = join(cacheDir, hub.getRepoFolderName({ type: 'model', name }));
  const reference = join(repository, 'refs', revision);
  const snapshot = (commit: string) => join(repository, 'snapshots', commit);
  try {
    const commit = await commitOf(hub, { name, revision }, options);
    await fetchFiles(hub, { name, commit, folder: snapshot(commit) }, options);
    await mkdir(dirname(reference), { recursive: true });
    await writeFile(reference, commit);
    return { folder: snapshot(commit), name, commit };
  } catch (cause) {
    options.signal?.throwIfAborted();
    const error = explain(cause, { source, hub });
    const commit = existsSync(reference) ? (await readFile(reference, 'utf8')).trim() : revision;
    // A refusal by the hub holds, though an older copy be there; only where it could not be reached does that stand in.
    if (!(error instanceof Unreachable) || !existsSync(snapshot(commit))) throw error;
    onProgress(
      `${error.message.split(':').slice(0, 2).join(':')}: the hub cannot be reached; using ${commit} of the cache`,
    );
    return { folder: snapshot(commit), name, commit };
  }
}

interface Repository {
  readonly name: string;
  readonly revision: string;
}

async function commitOf(hub: Hub, { name, revision }: Repository, options: HubOptions) {
  const { hubUrl, accessToken } = options;
  const { sha } = await hub.modelInfo({
    ...{ name, revision, additionalFields: ['sha'] },
    ...given({ hubUrl, accessToken, fetch: fetchUntil(options.signal) }),
  });
  if (/^[0-9a-f]{7,64}$/.test(sha)) return sha;
  throw new Error(`expected a commit, got ${JSON.stringify(sha)}`);
}

interface Target {
  readonly name: string;
  readonly commit: string;
  readonly folder: string;
}

/** The files of a folder of weights: first the small ones, then what an index names. */
async function fetchFiles(
  hub: Hub,
  { name, commit, folder }: Target,
  options: HubOptions,
): Promise<void> {
  const { hubUrl, accessToken, onProgress = () => {}, signal } = options;
  const request = {
    ...{ repo: name, revision: commit },
    ...given({ hubUrl, accessToken, fetch: fetchUntil(signal) }),
  };
  const files = new Map<string, import('@huggingface/hub').ListFileEntry>();
  for await (const file of hub.listFiles(request)) {
    if (file.type === 'file') files.set(file.path, file);
  }
  const progress: Progress = { say: (message) => onProgress(`${hubPrefix}${name}: ${message}`) };
  const get = async (path: string) => {
    const file = files.get(path);
    if (!file) throw new Missing(`expected ${path}, which ${shardIndex} names, found none`);
    await downloadFile(hub, { file, request, path: join(folder, path) }, progress);
  };
  if (files.has('config.json')) await get('config.json');
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

/** Something that the repository lacks. */
class Missing extends Error {}

/** The hub could not be reached at all. */
class Unreachable extends Error {}

/** `fetch` that ends with the signal. */
const fetchUntil = (signal: AbortSignal | undefined): typeof fetch | undefined =>
  signal && ((url, init) => fetch(url, { ...init, signal }));

/** The options that are given, for the library takes none that are undefined. */
const given = <Options extends object>(options: Options) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Options]?: Exclude<Options[Name], undefined>;
  };

/** What went wrong, in words that say what to do. */
function explain(cause: unknown, { source, hub }: { readonly source: string; readonly hub: Hub }) {
  if (cause instanceof hub.HubApiError) {
    const { statusCode: status } = cause;
    return status === 401 || status === 403 || status === 404
      ? new Error(
          `${source}: expected a public repository of the hub, it knows none by this name and revision, or it is private (${status}). Check the spelling`,
          { cause },
        )
      : new Error(`${source}: the hub answered ${status}: ${cause.message}. Try again later`, {
          cause,
        });
  }
  const { message, cause: reason } = cause as Error & {
    readonly cause?: { readonly code?: string };
  };
  if (cause instanceof TypeError) {
    return new Unreachable(
      `${source}: expected a connection to the hub, got ${reason?.code ?? message}. Check the network, or give a folder that was copied here`,
      { cause },
    );
  }
  return cause instanceof Missing
    ? new Error(`${source}: ${message}. Give another repository`)
    : cause;
}
