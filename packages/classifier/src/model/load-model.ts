import { type GraphModel, loadGraphModelSync } from '@tensorflow/tfjs-converter';
import { type io, keep, tidy } from '@tensorflow/tfjs-core';
import { type ClassifierFile, isObject, parseClassifierFile } from './description.ts';
import type { ExportFiles } from './export-files.ts';
import { type LoadedFile, sha256Of } from './weight-cache.ts';

/** How much of the weights is there, in bytes. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface LoadedModel {
  readonly file: ClassifierFile;
  readonly graph: GraphModel;
}

/** Loads the graph of an export and checks that it is what `classifier.json` says. */
export async function loadModel(
  files: ExportFiles,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadedModel> {
  const own = files.where('classifier.json');
  const ownText = await files.text('classifier.json');
  const file = parseClassifierFile(parseJson(ownText, own), own);
  const where = files.where(plainName(file.model, own));
  const text = await files.text(file.model);
  const json = graphOf(parseJson(text, where), where);
  const model = new TextEncoder().encode(text);
  await requireDigest({ url: where, body: model, sha256: digestOf(file, file.model) });
  const shards = await loadWeights(files, json.weightsManifest, { where, file, onProgress });
  const graph = openGraph(json, shards, where);
  try {
    checkSignature(graph, file, where);
  } catch (error) {
    graph.dispose();
    throw error;
  }
  await files.cache?.keep([{ url: own, body: ownText }, { url: where, body: text }, ...shards]);
  return { file, graph };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `loadClassifier: expected JSON in ${where}, got ${JSON.stringify(text.slice(0, 40))}. Name the folder or URL of an export`,
      { cause },
    );
  }
}

/** A file of an export lies in it, whatever it says. */
function plainName(name: string, where: string): string {
  if (/^[\w-][\w.-]*$/.test(name)) return name;
  throw new Error(
    `loadClassifier: expected ${where} to name files beside it, got ${JSON.stringify(name)}. Export the model again`,
  );
}

type Group = io.WeightsManifestConfig[number];

function graphOf(value: unknown, where: string): io.ModelJSON {
  const { format, modelTopology, weightsManifest } = isObject(value) ? value : {};
  const isGraph = format === 'graph-model' && isObject(modelTopology);
  const isManifest = (groups: unknown): groups is Group[] =>
    Array.isArray(groups) &&
    groups.every(
      (one) =>
        isObject(one) &&
        Array.isArray(one.paths) &&
        Array.isArray(one.weights) &&
        one.weights.every(isObject),
    );
  if (isGraph && Array.isArray(modelTopology.node) && isManifest(weightsManifest)) {
    for (const { paths } of weightsManifest) for (const path of paths) plainName(path, where);
    return value as io.ModelJSON;
  }
  const keys = isObject(value)
    ? `${JSON.stringify(format) ?? 'no format'} with ${Object.keys(value)}`
    : typeof value;
  throw new Error(
    `loadClassifier: expected ${where} to be a tfjs graph-model with modelTopology and weightsManifest, got ${keys}. Export the model again`,
  );
}

const dtypeBytes: Readonly<Record<string, number>> = {
  ...{ float32: 4, int32: 4, complex64: 8, float16: 2, uint16: 2, uint8: 1, bool: 1 },
};

function bytesOf(
  { name, shape, dtype, quantization }: io.WeightsManifestEntry,
  where: string,
): number {
  const each = dtypeBytes[quantization?.dtype ?? dtype];
  const isShape =
    Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
  if (each !== undefined && isShape) return shape.reduce((product, size) => product * size, each);
  throw new Error(
    `loadClassifier: expected numbers of a known shape for weight ${name} of ${where}, got ${dtype} [${shape}]. Export the model again`,
  );
}

interface WeightOptions {
  readonly where: string;
  readonly file: ClassifierFile;
  readonly onProgress: (progress: LoadProgress) => void;
}

interface Shard extends LoadedFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** From the cache, which has compared its digest. */
  readonly isKept: boolean;
}

const digestOf = ({ sha256 }: ClassifierFile, name: string) => sha256[name] ?? 'none';

/** The files of weights, in the order of their bytes. */
async function loadWeights(
  files: ExportFiles,
  groups: readonly Group[],
  { where, file, onProgress }: WeightOptions,
): Promise<Shard[]> {
  const needed = groups.map(({ weights }) =>
    weights.reduce((sum, weight) => sum + bytesOf(weight, where), 0),
  );
  const total = needed.reduce((sum, bytes) => sum + bytes, 0);
  let loaded = 0;
  const onBytes = (count: number) => {
    loaded += count;
    onProgress({ loaded: Math.min(loaded, total), total });
  };
  const load = async (path: string): Promise<Shard> => {
    const url = files.where(path);
    const sha256 = digestOf(file, path);
    const kept = await files.cache?.bytes(url, sha256);
    if (kept) onBytes(kept.length);
    return { url, sha256, isKept: !!kept, body: kept ?? (await files.bytes(path, onBytes)) };
  };
  const data = await Promise.all(groups.map(({ paths }) => Promise.all(paths.map(load))));
  data.forEach((shards, i) => {
    const got = shards.reduce((sum, { body }) => sum + body.length, 0);
    if (got === needed[i]) return;
    const sizes = shards.map(({ body }, k) => `${body.length} in ${groups[i]!.paths[k]}`);
    throw new Error(
      `loadClassifier: expected ${needed[i]} bytes of weights for ${where}, got ${got} (${sizes.join(', ')}): a file is cut off, or of another export. Copy or export it again`,
    );
  });
  const shards = data.flat();
  for (const shard of shards.filter(({ isKept }) => !isKept)) await requireDigest(shard);
  return shards;
}

async function requireDigest({ url, body, sha256 }: Omit<Shard, 'isKept'>): Promise<void> {
  const got = await sha256Of(body);
  if (got === null || got === sha256) return;
  throw new Error(
    `loadClassifier: expected ${url} to have the SHA-256 ${sha256} of classifier.json, got ${got}: it is damaged, or of another export. Copy or export it again`,
  );
}

/** A buffer that holds these bytes alone. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) =>
  byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);

function openGraph(json: io.ModelJSON, shards: readonly Shard[], where: string): GraphModel {
  const { weightsManifest, ...artifacts } = json;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  try {
    let graph: GraphModel | undefined;
    // When it is refused half-way, its weights are freed.
    tidy(() => {
      graph = loadGraphModelSync({
        ...artifacts,
        weightSpecs,
        weightData: shards.map(({ body }) => bufferOf(body)),
      }) as unknown as GraphModel;
      for (const tensors of Object.values(graph.weights)) tensors.forEach(keep);
    });
    return graph!;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `loadClassifier: expected a graph that TensorFlow.js runs in ${where}, got: ${reason}. Export the model again`,
      { cause },
    );
  }
}

/** A side of a graph's signature, as TensorFlow writes it to JSON: 64-bit numbers are texts. */
type Ports = Readonly<
  Record<string, { dtype?: string; tensorShape?: { dim?: readonly { size?: string | number }[] } }>
>;

/** @throws Error - unless the graph makes `probabilities` of as many classes as there are names, of `images` of the described size. */
function checkSignature(graph: GraphModel, file: ClassifierFile, where: string): void {
  const { imageSize, channels, classNames } = file.description;
  const signature = graph.modelSignature as { inputs?: Ports; outputs?: Ports } | undefined;
  const check = (ports: Ports, name: string, shape: readonly number[]) => {
    const expected = `${name} DT_FLOAT [${shape}]`;
    const dims = ({ tensorShape }: Ports[string]) =>
      tensorShape?.dim?.map(({ size }) => Number(size));
    const all = Object.entries(ports).map(
      ([key, port]) => `${key} ${port?.dtype} [${port && dims(port)}]`,
    );
    const got = all.join(' and ') || 'nothing';
    if (got === expected) return;
    throw new Error(
      `loadClassifier: expected the signature of ${where} to have ${expected}, as classifier.json describes it, got ${got}. Export the model again`,
    );
  };
  check(signature?.inputs ?? {}, 'images', [-1, imageSize, imageSize, channels]);
  check(signature?.outputs ?? {}, 'probabilities', [-1, classNames.length]);
}
