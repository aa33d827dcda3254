import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { InferenceDescription } from '@bag-of-tricks/classifier';
import {
  checkFreeSpace,
  type Files,
  removeLeftoversOf,
  writeFolderWhole,
} from '@bag-of-tricks/durable-files';
import type { Network } from '@bag-of-tricks/train-step';
import { classifierJson, type Provenance } from './classifier-json.ts';
import { exportGraphModel } from './graph-model/export-graph-model.ts';
import type { Quantization } from './graph-model/weights.ts';
import { exportOnnx } from './onnx/export-onnx.ts';
import { type Deviation, type ProbePictures, requireWhole } from './probe.ts';
import { exportSafetensors } from './safetensors/export-safetensors.ts';
import { exportSavedModel } from './saved-model/export-saved-model.ts';

interface Format {
  write(model: ExportedModel, options: WritingOptions): Promise<Writing>;
  /** The names of its files and folders. */
  readonly names: RegExp;
}

const formats = {
  'graph-model': { write: exportGraphModel, names: /^(model\.json|group1-shard\d+of\d+\.bin)$/ },
  'saved-model': {
    write: exportSavedModel,
    names: /^(saved_model\.pb|variables([\\/]variables\.(index|data-\d+-of-\d+))?)$/,
  },
  onnx: { write: exportOnnx, names: /^model\.onnx$/ },
  safetensors: { write: exportSafetensors, names: /^(config\.json|model\.safetensors|\w+\.py)$/ },
} as const satisfies Readonly<Record<string, Format>>;
export type ExportFormat = keyof typeof formats;

/** What an export can be. */
export const exportFormats = Object.keys(formats) as readonly ExportFormat[];

/** A network and all that belongs to its predictions. */
export interface ExportedModel {
  /** On the backend of `@bag-of-tricks/libtensorflow`; it stays the caller's. */
  readonly network: Network;
  readonly description: InferenceDescription;
  /** Of the weights, such as `apache-2.0`. Default: null, not known. */
  readonly license?: string | null;
  readonly provenance: Provenance;
}

/** Options of `exportModel`. */
export interface ExportOptions {
  /** The folder to make. */
  readonly output: string;
  /** Default: `graph-model`, which TensorFlow.js loads in browsers and in Node. */
  readonly format?: ExportFormat;
  /** Fewer bits for the kernels of a graph model. Default: null, float32. */
  readonly quantize?: Quantization | null;
  /** Whether the weights of a SavedModel are variables, in a checkpoint beside the graph. Default: false, constants in it. */
  readonly variables?: boolean;
  /**
   * Pictures that the written files are compared on, uint8 [count, size, size, channels], resized and cropped as in evaluation; those of
   * an iterable are read as they are needed. Default: four made up, on which little can be said of fewer bits.
   */
  readonly images?: ProbePictures | undefined;
  /** Modules of Python with `create_model(name, num_classes, in_chans)` for safetensors of networks that timm lacks, by file name. Default: none. */
  readonly definitions?: Files;
  /** Replace an export that is there. Default: false. */
  readonly force?: boolean;
  /** Called with a line of text before each part that takes long: in none of them a timer of the caller runs. */
  readonly onProgress?: (message: string) => void;
  /** Asked before the first file is written, for a signal that ends the export with nothing left behind. Until then the process may just end. */
  readonly stopSignal?: (() => AbortSignal) | undefined;
}

/** What was written. */
export interface Exported {
  readonly output: string;
  readonly format: ExportFormat;
  /** Names of the files with their sizes in bytes. */
  readonly files: Readonly<Record<string, number>>;
  /** How far its probabilities are from the network's; null where nothing here runs it. */
  readonly deviation: Deviation | null;
  /** What its users should know, a sentence each. */
  readonly notes: readonly string[];
}

/** Options of a format. */
export interface WritingOptions extends Pick<ExportOptions, 'onProgress'> {
  readonly quantize: Quantization | null;
  readonly variables: boolean;
  readonly images: ProbePictures | undefined;
  readonly definitions: Files;
}

/** What a format writes, and how the written folder is compared with the network. */
export interface Writing {
  /** The name of the file that holds the graph. */
  readonly model: string;
  readonly files: Files;
  readonly notes?: readonly string[];
  check(folder: string): Promise<Deviation | null>;
}

/**
 * Writes a network's inference, `images` of 0..255 that were resized and cropped to `probabilities`, as files that run without this
 * repository. Batch norms are folded into convolutions, and variables are constants. Before the folder gets its name, the written files are loaded
 * and compared with the network; safetensors are read back and compared bit for bit, and ONNX is loaded where `onnxruntime-node` is installed.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import { exportModel } from '@bag-of-tricks/model-export';
 * import { createModel } from '@bag-of-tricks/resnet-variants';
 *
 * await registerTensorFlowBackend();
 * const network = createModel('resnet20d', { numClasses: 2, seed: 1 });
 * const description = {
 *   model: 'resnet20d',
 *   classNames: ['cat', 'dog'],
 *   imageSize: 32,
 *   channels: 3,
 *   evalResize: 36,
 *   interpolation: 'bilinear',
 *   antialias: true,
 *   exifOrientation: true,
 *   mean: [128, 128, 128],
 *   std: [60, 60, 60],
 * } as const;
 * const folder = await mkdtemp(join(tmpdir(), 'export-'));
 * const model = { network, description, provenance: { source: 'untrained' } };
 * const { files } = await exportModel(model, { output: join(folder, 'model'), quantize: 'uint8' });
 * console.log(files); // { 'classifier.json': ..., 'model.json': ..., 'group1-shard1of1.bin': ... }, in bytes
 * await rm(folder, { recursive: true });
 * ```
 *
 * @throws Error when the output is there (without `force`), the network has an op that the format lacks (naming op and layer), does not
 * compute each image by itself, or the written files compute something else; SpaceError when they do not fit on the disk. Nothing is left behind then.
 */
export async function exportModel(model: ExportedModel, options: ExportOptions): Promise<Exported> {
  checkExport(options);
  const { output, format = 'graph-model', images, force = false } = options;
  const { quantize = null, variables = false, definitions = {}, onProgress = () => {} } = options;
  if (images instanceof Uint8Array) requireWhole(model.description, images);
  const folder = resolve(output);
  if (writing.has(folder)) {
    throw new Error(
      `exportModel: expected one export into ${folder} at a time, another one goes on. Choose another folder`,
    );
  }
  writing.add(folder);
  try {
    return await write(model, {
      ...{ folder, format, quantize, variables, images, definitions, force, onProgress },
      stopSignal: options.stopSignal,
    });
  } finally {
    writing.delete(folder);
  }
}

/**
 * Looks at options before there is a network, whose loading may take minutes.
 *
 * @throws Error when they do not go together, or the output is there, without `force` or as no export.
 */
export function checkExport({
  output,
  format = 'graph-model',
  quantize = null,
  variables = false,
  images,
  force = false,
}: Omit<ExportOptions, 'images'> & { readonly images?: unknown }): void {
  const refuse = (what: string, formats: string) => {
    throw new Error(`exportModel: expected ${what} with ${formats}, got ${format}. Leave it out`);
  };
  if (quantize !== null && format !== 'graph-model')
    refuse(`quantize ${quantize}`, 'the format graph-model');
  if (variables && format !== 'saved-model') refuse('variables', 'the format saved-model');
  if (images !== undefined && format === 'safetensors')
    refuse('images to compare on', 'a format that is run here');
  requirePlace(resolve(output), force);
}

/** The folders that exports of this process go into now: they would share a temporary name. */
const writing = new Set<string>();

async function write(
  model: ExportedModel,
  { folder, format, force, onProgress, stopSignal, ...options }: Place & WritingOptions,
): Promise<Exported> {
  onProgress(`making the ${format} of ${model.network.name}`);
  const made = await formats[format].write(model, { ...options, onProgress });
  const signal = stopSignal?.();
  signal?.throwIfAborted();
  const files: Files = { 'classifier.json': classifierJson(model, made), ...made.files };
  onProgress(`writing ${Object.keys(files).length} files`);
  await mkdir(dirname(folder), { recursive: true });
  await removeLeftoversOf(folder);
  await checkFreeSpace(dirname(folder), files);
  let deviation: Deviation | null = null;
  await writeFolderWhole(folder, files, {
    replace: force,
    check: async (written) => {
      onProgress(`comparing the written ${format} with the network`);
      deviation = await made.check(written);
      signal?.throwIfAborted();
      // Another process may have been faster.
      requirePlace(folder, force);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') requirePlace(folder, force);
    throw error;
  });
  const sizes = Object.entries(files).map(([name, content]) => [name, Buffer.byteLength(content)]);
  const about = { output: folder, format, files: Object.fromEntries(sizes) };
  return { ...about, deviation, notes: made.notes ?? [] };
}

interface Place extends Pick<Required<ExportOptions>, 'format' | 'force' | 'onProgress'> {
  readonly folder: string;
  readonly stopSignal: ExportOptions['stopSignal'];
}

const isOurs = (name: string) =>
  name === 'classifier.json' || Object.values(formats).some(({ names }) => names.test(name));

/** @throws Error for a folder that is there and not empty: with `force` too, if it is no export. */
function requirePlace(folder: string, force: boolean): void {
  if (!existsSync(folder)) return;
  if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return;
  const reason = () => {
    if (!existsSync(join(folder, 'classifier.json')))
      return 'it holds no classifier.json, so it is something else. Choose another folder';
    const names = readdirSync(folder, { encoding: 'utf8', recursive: true });
    const other = names.find((name) => !isOurs(name));
    if (other) return `it holds ${other}, which no export writes. Choose another folder`;
    return force
      ? undefined
      : 'it is. Choose another folder, or replace the export with force (--force)';
  };
  const why = reason();
  if (why === undefined) return;
  throw new Error(`exportModel: expected ${folder} not to be there yet, ${why}`);
}
