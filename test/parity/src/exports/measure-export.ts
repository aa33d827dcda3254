import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { imageDataset, imageFiles } from '@bag-of-tricks/image-data';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import { loadClassifier } from '@bag-of-tricks/trainer';
import { type LabelledPictures, rightWithin } from '../labelled-pictures.ts';
import { largestDifference, logProbabilities } from '../log-probabilities.ts';
import { here } from '../python.ts';
import { readTensors } from '../tensors.ts';
import type { ComparedNetwork } from './networks.ts';
import {
  aboutRuntime,
  type Format,
  formats,
  type Outcome,
  type Runtime,
  type Task,
} from './plan.ts';
import type { Measurement } from './rows.ts';

const batchSize = 20;

/** Pictures with what the trainer says of them. */
export interface Reference extends Omit<LabelledPictures, 'labels'> {
  /** Null where nobody has trained the network. */
  readonly labels: readonly number[] | null;
  readonly probabilities: readonly (readonly number[])[];
  /** A safetensors file of their pixels, as the network sees them in evaluation. */
  readonly pixels: string;
}

/** Lets the trainer classify pictures, and writes the pixels that it sees into a folder. */
export async function referenceOf(
  network: ComparedNetwork,
  weights: string,
  folder: string,
): Promise<Reference> {
  const pictures = await network.pictures();
  const files = pictures.names.map((name) => join(pictures.root, name));
  const classifier = await loadClassifier(weights);
  const { model: _, classNames: __, ...input } = classifier.description;
  const rows = await logProbabilities(classifier, imageFiles(files));
  await classifier.dispose();
  const images = await imageDataset({ ...input, train: null, eval: imageFiles(files) });
  const size = input.imageSize ** 2 * input.channels;
  const data = new Uint8Array(files.length * size);
  for await (const batch of images.evalBatches({ batchSize, epoch: 0 })) {
    for (const [row, index] of batch.indices!.entries()) {
      if (index < 0) continue;
      data.set(batch.images.subarray(row * size, (row + 1) * size), index * size);
    }
  }
  await images.close();
  const pixels = join(folder, 'pixels.safetensors');
  const shape = [files.length, input.imageSize, input.imageSize, input.channels];
  await writeSafetensors(pixels, [['pixels', { dtype: 'U8', shape, data }]]);
  const labels = network.isTrained ? pictures.labels : null;
  return { ...pictures, labels, pixels, probabilities: rows.map((row) => row.map(Math.exp)) };
}

const run = promisify(execFile);
const options = { maxBuffer: 2 ** 26 };

/** Writes an export by the command, as a user does. */
export async function exportAs(format: Format, weights: string, output: string): Promise<void> {
  const main = new URL('./cli/main.js', import.meta.resolve('@bag-of-tricks/trainer'));
  const args = ['export', weights, ...formats[format], '--output', output];
  await run(process.execPath, [fileURLToPath(main), ...args], options);
}

/** Bytes of all files of a folder. */
const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);

/** Runs an export in a program of its own, and compares what comes with the reference. */
export async function measureExport(
  { runtime, folder, python }: Pick<Task, 'folder'> & { runtime: Runtime; python: string },
  reference: Reference,
  scratch: string,
): Promise<Omit<Measurement, 'busy'> | { readonly notRun: string }> {
  const { root, labels, pixels } = reference;
  const { pictures: most } = aboutRuntime(runtime);
  const pictures = reference.names.slice(0, most);
  const probabilities = reference.probabilities.slice(0, most);
  const out = join(scratch, 'probabilities.safetensors');
  const task: Task = { runtime, folder, root, pictures, pixels, out, batchSize };
  const file = join(scratch, 'task.json');
  await writeFile(file, JSON.stringify(task));
  const [program, script] = runtime.startsWith('python')
    ? [python, here('python/exports.py')]
    : [process.execPath, here('dist/exports/run.js')];
  const outcome = await run(program, [script, file], options).then(
    ({ stdout }) => JSON.parse(stdout.trim().split('\n').at(-1)!) as Outcome,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return { notRun: `no ${program} here` };
      throw error;
    },
  );
  if ('notRun' in outcome) return outcome;
  const { data, shape } = readTensors(await readFile(out)).probabilities!;
  const classes = shape[1]!;
  const rows = pictures.map((_, i) => Array.from(data.subarray(i * classes, (i + 1) * classes)));
  const difference = largestDifference(rows, probabilities);
  if (!Number.isFinite(difference)) throw new Error('its probabilities are missing or not finite');
  return {
    ...{ ...outcome, difference, bytes: bytesIn(folder) },
    pictures: pictures.length,
    right: labels && rightWithin(rows, labels, 1),
  };
}
