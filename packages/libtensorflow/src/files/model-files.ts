import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileWhole, writeWhole } from '@bag-of-tricks/durable-files';
import * as tf from '@tensorflow/tfjs-core';

type Manifest = tf.io.WeightsManifestConfig;

const jsonName = 'model.json';
const weightsName = 'weights.bin';

/**
 * Writes a model into a folder as tfjs-node does, `model.json` and `weights.bin`, each whole or not at all. The weights come
 * first, so that a model.json never stands beside none.
 *
 * @throws Error when the topology is binary, or the path is no folder.
 */
export async function saveModel(
  folder: string,
  artifacts: tf.io.ModelArtifacts,
): Promise<tf.io.SaveResult> {
  const { modelTopology, weightData = [], weightSpecs = [], ...rest } = artifacts;
  if (modelTopology instanceof ArrayBuffer) {
    throw new Error(
      `model.save: expected a topology in JSON for ${folder}, got a binary one. Convert the model with tensorflowjs_converter.`,
    );
  }
  await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST' && cause.code !== 'ENOTDIR') throw cause;
    throw new Error(
      `model.save: expected a folder or nothing at ${folder}, got a file. Give another path.`,
      { cause },
    );
  });
  await writeWhole(join(folder, weightsName), async (file) => {
    for (const part of [weightData].flat()) await file.writeFile(new Uint8Array(part));
  });
  const { format, generatedBy, convertedBy, trainingConfig, signature } = rest;
  const { userDefinedMetadata, modelInitializer, initializerSignature } = rest;
  const json = {
    modelTopology,
    weightsManifest: [{ paths: [weightsName], weights: weightSpecs }],
    ...{ format, generatedBy, convertedBy, trainingConfig, signature },
    ...{ userDefinedMetadata, modelInitializer, initializerSignature },
  };
  await writeFileWhole(join(folder, jsonName), JSON.stringify(json));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/**
 * Reads a model of tfjs-node, of tensorflowjs_converter or of `saveModel`: a `model.json`, and beside it the weights that it lists.
 *
 * @throws Error that names the file which is missing, no JSON, or not as long as model.json says.
 */
export async function loadModel(path: string): Promise<tf.io.ModelArtifacts> {
  const advice = `Give the ${jsonName} that model.save or tensorflowjs_converter wrote.`;
  const text = (await readOrSay(path, `a model at ${path}`, advice)).toString('utf8');
  let json: tf.io.ModelJSON | null;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const got = (cause as Error).message;
    throw new Error(`loadModel: expected JSON in ${path}, got: ${got}. ${advice}`, { cause });
  }
  const manifest: unknown = json?.weightsManifest ?? [];
  if (typeof json?.modelTopology !== 'object' && json?.weightsManifest === undefined) {
    throw new Error(
      `loadModel: expected 'modelTopology' or 'weightsManifest' in ${path}, got neither. ${advice}`,
    );
  }
  if (!isManifest(manifest)) {
    throw new Error(
      `loadModel: expected 'weightsManifest' in ${path} to be a list of { paths, weights }, got something else. ${advice}`,
    );
  }
  return tf.io.getModelArtifactsForJSON(json, () => readWeights(path, manifest));
}

const isManifest = (manifest: unknown): manifest is Manifest =>
  Array.isArray(manifest) &&
  manifest.every(
    (group: Partial<Manifest[number]> | null) =>
      Array.isArray(group?.paths) &&
      group.paths.every((path) => typeof path === 'string') &&
      Array.isArray(group.weights) &&
      group.weights.every((weight) => Array.isArray(weight?.shape)),
  );

async function readWeights(
  path: string,
  manifest: Manifest,
): Promise<[tf.io.WeightsManifestEntry[], ArrayBuffer]> {
  const buffers: ArrayBuffer[] = [];
  for (const { paths, weights } of manifest) {
    const sizes: [file: string, bytes: number][] = [];
    for (const name of paths) {
      const file = join(dirname(path), name);
      const advice = 'Copy all files of the model together.';
      const bytes = await readOrSay(file, `the weights ${file}, which ${path} lists`, advice);
      buffers.push(new Uint8Array(bytes).buffer);
      sizes.push([file, bytes.length]);
    }
    const expected = bytesOf(weights);
    const got = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    if (expected !== undefined && expected !== got) {
      const files = sizes.map(([file, bytes]) => `${bytes} in ${file}`).join(', ');
      throw new Error(
        `loadModel: expected ${expected} bytes of weights, as ${path} says, got ${got}: ${files || 'no file'}. Was a copy cut off, or is a file of another model?`,
      );
    }
  }
  const specs = manifest.flatMap(({ weights }) => weights);
  return [specs, tf.io.CompositeArrayBuffer.join(buffers)];
}

const sizeOf: Readonly<Record<string, number>> = {
  ...{ float32: 4, int32: 4, complex64: 8, bool: 1 },
  ...{ float16: 2, uint16: 2, uint8: 1 },
};

/** How many bytes the weights take; nothing where model.json does not tell, as of strings. */
function bytesOf(weights: readonly tf.io.WeightsManifestEntry[]): number | undefined {
  let sum = 0;
  for (const { shape, dtype, quantization } of weights) {
    const size = sizeOf[quantization?.dtype ?? dtype];
    if (size === undefined) return undefined;
    sum += size * tf.util.sizeFromShape(shape);
  }
  return sum;
}

async function readOrSay(path: string, expected: string, advice: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const got = { ENOENT: 'no such file', ENOTDIR: 'no such file', EISDIR: 'a folder' }[code ?? ''];
    if (got === undefined) throw cause;
    throw new Error(`loadModel: expected ${expected}, got ${got}. ${advice}`, { cause });
  }
}
