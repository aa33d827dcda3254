import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { openSafetensors } from '@bag-of-tricks/safetensors/node';
import { readConfigJson } from './config-json.ts';
import { fetchFromHub, type HubFolder, hubPrefix } from './hub.ts';
import type { HubOptions } from './hub-options.ts';
import { pickled, pickleError, refusePickle } from './pickle.ts';
import { openOwnCheckpoint } from './run-folder.ts';
import { readStateDict, shardIndex } from './safetensors-files.ts';
import { timmInput } from './timm-inputs.ts';
import { unknown, type Weights, type WeightsDescription } from './weights.ts';

/** Options of `openWeights`. */
export type OpenWeightsOptions = HubOptions;

/**
 * Finds weights and what is known of them; `read()` of the result then reads the tensors.
 *
 * | source | what it is |
 * | --- | --- |
 * | `name.safetensors` | weights of timm or torchvision; a `config.json` beside a `model.safetensors` counts |
 * | a folder | timm's of the hub: `model.safetensors`, or `model.safetensors.index.json` and its files, and `config.json` |
 * | a run folder or a checkpoint | of ours: the best checkpoint of a run |
 * | `hf:timm/resnet50d.ra2_in1k` | a folder of the hub, fetched into its cache; `@revision` behind it names a commit, tag or branch |
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { openWeights } from '@bag-of-tricks/pretrained';
 * import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'weights-'));
 * const path = join(folder, 'resnet18.a1_in1k.safetensors');
 * await writeSafetensors(path, [['fc.bias', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]);
 * const weights = await openWeights(path);
 * console.log(weights.architecture, Object.keys((await weights.read()).stateDict)); // resnet18 [ 'fc.bias' ]
 * await rm(folder, { recursive: true });
 * ```
 *
 * @throws Error when there is nothing, it is pickled, damaged or of no known kind, or the hub has it not.
 */
export async function openWeights(
  source: string,
  options: OpenWeightsOptions = {},
): Promise<Weights> {
  if (!source.startsWith(hubPrefix)) return { ...(await openPath(source)), source };
  const hubFolder = await fetchFromHub(source, {
    ...options,
    async beforeWeights(found) {
      options.check?.(named(await describeFolder(found.folder), found));
    },
  });
  const weights = named(await openPath(hubFolder.folder), hubFolder);
  return {
    ...weights,
    async read() {
      const { stateDict, provenance } = await weights.read();
      return { stateDict, provenance: { ...provenance, source: weights.source } };
    },
  };
}

/** With the network and the source that the name of a repository says. */
const named = <Known extends WeightsDescription>(known: Known, { name, commit }: HubFolder) => ({
  ...known,
  architecture: known.architecture ?? name.split(/[/.]/)[1] ?? null,
  source: `${hubPrefix}${name}@${commit}`,
});

type Found = Omit<Weights, 'source'>;

const weightsOf = (file: string, source: string, description: WeightsDescription): Found => ({
  ...description,
  async read() {
    const { stateDict, files } = await readStateDict(file);
    return { stateDict, provenance: { source, files, license: description.license } };
  },
});

async function openPath(path: string): Promise<Found> {
  if (!existsSync(path)) {
    throw new Error(
      `weights ${path}: expected a .safetensors file, a folder with one as timm's, a run folder or a checkpoint of ours, or ${hubPrefix}owner/name, found none. Check the path`,
    );
  }
  if (statSync(path).isFile()) return weightsOf(path, path, await describeFile(path));
  const { file, ...own } = (await openOwnCheckpoint(path)) ?? { file: null };
  if (file !== null) return weightsOf(file, path, own as WeightsDescription);
  const found = await findFile(path);
  return weightsOf(found, path, await describeFile(found));
}

/** The weights of a folder: `model.safetensors`, an index, or the only .safetensors file. */
async function findFile(folder: string): Promise<string> {
  const all = await readdir(folder);
  const others = all.filter((name) => name.endsWith('.safetensors'));
  const name = ['model.safetensors', shardIndex].find((one) => all.includes(one));
  if (name) return join(folder, name);
  if (others.length === 1) return join(folder, others[0]!);
  if (others.length === 0 && all.includes('classifier.json')) {
    throw new Error(
      `weights ${folder}: expected a .safetensors file, got an export, which other programs run. Give the run or file that it was made of`,
    );
  }
  const pickle = all.find((one) => pickled.includes(extname(one)));
  if (pickle && others.length === 0) throw pickleError(join(folder, pickle));
  throw new Error(
    `weights ${folder}: expected model.safetensors, ${shardIndex}, or a run of ours, got ${others.length === 0 ? 'no .safetensors file' : `${others.length} of other names`}. Give the file itself`,
  );
}

/** What the `config.json` of a folder says; nothing where there is none. */
async function describeFolder(folder: string): Promise<WeightsDescription> {
  const config = join(folder, 'config.json');
  return existsSync(config) ? readConfigJson(config) : unknown;
}

/** What stands beside a file, in it and in its name. */
async function describeFile(file: string): Promise<WeightsDescription> {
  await refusePickle(file);
  const isOfFolder = ['model.safetensors', shardIndex].includes(basename(file));
  const described = isOfFolder ? await describeFolder(dirname(file)) : unknown;
  if (described !== unknown) return described;
  if (basename(file) === shardIndex) return unknown;
  const opened = await openSafetensors(file);
  await opened.close();
  // timm's tags stand behind a point; torchvision's hash behind a hyphen says how images were seen, to whoever knows it.
  const named = isOfFolder ? null : basename(file, '.safetensors');
  const { model } = opened.metadata;
  if (model || named === null) return { ...unknown, architecture: model ?? null };
  const [architecture] = named.split(/[.-]/);
  const input = named.includes('-') ? unknown.input : timmInput(named);
  return { ...unknown, architecture: architecture!, input };
}
