import { join } from 'node:path';
import { writeFolderWhole } from '@bag-of-tricks/durable-files';
import {
  parseSafetensors,
  type SafetensorsInput,
  serializeSafetensors,
  toFloat32Array,
} from '@bag-of-tricks/safetensors';
import { z } from 'zod';
import { int32 } from './checkpoint/arrays.ts';
import { dumpPrefix, namesIn, readPart } from './files.ts';

const count = z.int().min(0);

const dumpedStep = z.strictObject({
  formatVersion: z.literal(1),
  step: count.describe('its number, as metrics.jsonl counts'),
  ...{ epoch: count, stepInEpoch: count, seed: count },
  learningRate: z.number(),
  draws: z.record(z.string(), z.union([z.number(), z.array(z.number()).readonly()])),
  loss: z.string().describe('as a string, for JSON has no NaN'),
  weights: z
    .enum(['before', 'after'])
    .default('before')
    .describe('whether the weights are those before the step, or after it'),
  lastFinite: z.strictObject({ step: count, loss: z.number() }).nullable(),
  imageShape: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]),
  ...{ trainSize: count, worldSize: z.int().min(1) },
  images: z.array(z.string()).nullable().describe('where each row came from, if the dataset says'),
});

/** What `step.json` of a dump says. */
export type DumpedStep = z.output<typeof dumpedStep>;

/** A batch of images as bytes, or of what a network computed of them, with their classes, and what was drawn for the colours of each. */
export interface DumpedBatch {
  readonly images: Uint8Array;
  /** In the place of the images. */
  readonly features?: Float32Array;
  readonly labels: Int32Array;
  readonly colors?: Float32Array;
}

/** The batch as it went into the step: pixels after crop and flip, labels, and what was drawn for the colours. */
function batchFile(batch: DumpedBatch, { imageShape }: Pick<DumpedStep, 'imageShape'>): Uint8Array {
  const { images, features, labels, colors } = batch;
  const rows = labels.length;
  const shape = [rows, ...imageShape];
  const tensors: [string, SafetensorsInput][] = [
    features
      ? ['features', { dtype: 'F32', shape, data: features }]
      : ['images', { dtype: 'U8', shape, data: images }],
    ['labels', { dtype: 'I32', shape: [rows], data: labels }],
  ];
  if (colors) {
    tensors.push(['colors', { dtype: 'F32', shape: [rows, colors.length / rows], data: colors }]);
  }
  return serializeSafetensors(tensors);
}

/** Writes a step into a folder of its own, in place of what is there. */
export async function writeDump(
  folder: string,
  step: DumpedStep,
  batch: DumpedBatch,
): Promise<void> {
  await writeFolderWhole(folder, {
    'step.json': `${JSON.stringify(step, null, 2)}\n`,
    'batch.safetensors': batchFile(batch, step),
  });
}

/** What to give instead of a folder that is no dump: one of those in it, where it is a run. */
function dumpIn(folder: string): string {
  const [first] = namesIn(folder, dumpPrefix);
  return `Give a folder ${dumpPrefix}<n> of a run that diverged${first ? `, such as ${join(folder, first)}` : ''}`;
}

/**
 * Reads a dump back.
 *
 * @throws Error when the folder is none, or damaged.
 */
export async function readDump(folder: string): Promise<{
  step: DumpedStep;
  batch: DumpedBatch & Pick<DumpedStep, 'imageShape'> & { readonly size: number };
}> {
  const part = { kind: 'diverged step', wanted: dumpIn(folder) };
  const text = new TextDecoder().decode(await readPart(folder, 'step.json', part));
  const bytes = await readPart(folder, 'batch.safetensors', part);
  try {
    const step = dumpedStep.parse(JSON.parse(text));
    const { tensors } = parseSafetensors(bytes);
    const [images, features, labels, colors] = ['images', 'features', 'labels', 'colors'].map(
      (name) => tensors.get(name),
    );
    const batch = {
      images: features ? new Uint8Array() : new Uint8Array(images!.data),
      ...(features && { features: toFloat32Array(features) }),
      labels: int32(labels!),
      size: labels!.shape[0]!,
      imageShape: step.imageShape,
      ...(colors && { colors: toFloat32Array(colors) }),
    };
    return { step, batch };
  } catch (cause) {
    throw new Error(
      `${join(folder, 'step.json')}: expected a step that a diverging run saved, format version 1; ${(cause as Error).message}. ${dumpIn(folder)}`,
      { cause },
    );
  }
}
