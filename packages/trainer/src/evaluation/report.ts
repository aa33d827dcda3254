import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writeFolderWhole } from '@bag-of-tricks/durable-files';
import { type Batch, type Dataset, thumbnail } from '@bag-of-tricks/image-data';
import { placeOf, printable } from '@bag-of-tricks/run-folder';
import {
  confusionOf,
  evaluationFileNames,
  evaluationFiles,
  type Mistake,
} from '@bag-of-tricks/run-report';
import { predictedClass, type WrongImage, worstMistakes } from './worst-mistakes.ts';

/** Mistakes on the contact sheet. */
const mostMistakes = 60;

/** Where the report of an evaluation goes unless one says otherwise: into the run folder, or beside a checkpoint that is in none. */
export function reportFolder(path: string, which: 'best' | 'last'): string {
  const place = placeOf(path, which);
  return place ? join(place.runFolder, 'evaluation') : `${resolve(path)}-evaluation`;
}

/**
 * Refuses a folder that holds anything but an earlier report, which is replaced.
 *
 * @throws Error naming what is there.
 */
export function checkReportFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const names: readonly string[] = evaluationFileNames;
  const other = statSync(folder).isDirectory()
    ? readdirSync(folder).find((name) => !names.includes(name))
    : folder;
  if (other === undefined) return;
  throw new Error(
    `evaluate ${folder}: expected a folder that is new or holds an earlier report, found ${other}. Give another one (--output)`,
  );
}

/** Gathers what becomes of each image, and writes it as files. */
export interface EvaluationReport {
  add(batch: Batch, probabilities: Float32Array): void;
  write(folder: string, about: { title: string; facts: Record<string, string> }): Promise<void>;
}

export function evaluationReport(dataset: Dataset): EvaluationReport {
  const classNames = dataset.classNames.map(printable);
  const classes = classNames.length;
  const confusion = confusionOf(classNames);
  const worst = worstMistakes(mostMistakes);
  const mistakeOf = async ({
    pixels,
    imageShape,
    index,
    ...scores
  }: WrongImage): Promise<Mistake> => {
    const [height, width, channels] = imageShape;
    const picture = { kind: 'pixels', pixels, height, width, channels: channels as 1 | 3 } as const;
    const image = index === null ? '' : (dataset.describeEval?.(index) ?? `image ${index}`);
    return { ...scores, image: printable(image), jpeg: await thumbnail(picture) };
  };
  return {
    add(batch, probabilities) {
      const { labels, imageShape = dataset.imageShape } = batch;
      for (const [row, label] of labels.entries()) {
        if (label < 0) continue;
        const own = probabilities.subarray(row * classes, (row + 1) * classes);
        const predicted = predictedClass(own, label);
        confusion.add(label, predicted);
        if (predicted !== label) worst.add(batch, row, { probabilities: own, imageShape });
      }
    },
    async write(folder, about) {
      checkReportFolder(folder);
      const mistakes = await Promise.all(worst.kept.map(mistakeOf));
      await mkdir(dirname(resolve(folder)), { recursive: true });
      await writeFolderWhole(folder, evaluationFiles({ ...about, confusion, mistakes }));
    },
  };
}
