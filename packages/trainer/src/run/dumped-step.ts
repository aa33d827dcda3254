import { join } from 'node:path';
import type { Batch } from '@bag-of-tricks/image-data';
import {
  parseSafetensors,
  type SafetensorsInput,
  type SafetensorsTensor,
  serializeSafetensors,
  toFloat32Array,
} from '@bag-of-tricks/safetensors';
import { z } from 'zod';
import { readPart } from '../files.ts';

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

/** The batch as it went into the step: pixels after crop and flip, labels, and what was drawn for the colours. */
export function batchFile(
  batch: Batch,
  { imageShape }: Pick<DumpedStep, 'imageShape'>,
): Uint8Array {
  const { images, labels, colors } = batch;
  const rows = labels.length;
  const tensors: [string, SafetensorsInput][] = [
    ['images', { dtype: 'U8', shape: [rows, ...imageShape], data: images }],
    ['labels', { dtype: 'I32', shape: [rows], data: labels }],
  ];
  if (colors) {
    tensors.push(['colors', { dtype: 'F32', shape: [rows, colors.length / rows], data: colors }]);
  }
  return serializeSafetensors(tensors);
}

/** A copy in the machine's own form, for the file's bytes may begin anywhere. */
const int32 = ({ data }: SafetensorsTensor) => new Int32Array(new Uint8Array(data).buffer);

/**
 * Reads a dump back.
 *
 * @throws Error when the folder is none, or damaged.
 */
export async function readDump(folder: string): Promise<{ step: DumpedStep; batch: Batch }> {
  const text = new TextDecoder().decode(await readPart(folder, 'step.json'));
  const bytes = await readPart(folder, 'batch.safetensors');
  try {
    const step = dumpedStep.parse(JSON.parse(text));
    const { tensors } = parseSafetensors(bytes);
    const [images, labels, colors] = ['images', 'labels', 'colors'].map((name) =>
      tensors.get(name),
    );
    const batch = {
      images: new Uint8Array(images!.data),
      labels: int32(labels!),
      size: labels!.shape[0]!,
      imageShape: step.imageShape,
      ...(colors && { colors: toFloat32Array(colors) }),
    };
    return { step, batch };
  } catch (cause) {
    throw new Error(
      `${join(folder, 'step.json')}: expected a step that a diverging run saved, format version 1; ${(cause as Error).message}. Give a folder divergence-step-<n> of a run`,
      { cause },
    );
  }
}
