import { resolveInput } from '../data/input-settings.ts';
import { defaultCropPadding, fileDatasets } from './data-schema.ts';
import type { TrainConfig } from './schema.ts';

/** Whether the images of a dataset are files, which `dataDir` names. */
export function isFileDataset(dataset: TrainConfig['dataset']): boolean {
  return (fileDatasets as readonly string[]).includes(dataset);
}

/** A folder of images and nothing else said means that it is an image folder. */
export function withImpliedDataset(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('dataDir' in input)) return input;
  const { dataset, dataDir } = input as { readonly dataset?: unknown; readonly dataDir: unknown };
  return dataset === undefined && dataDir !== null ? { ...input, dataset: 'folder' } : input;
}

/** The classes of some sets are fixed. */
export function classMapProblems({
  dataset,
  classMap,
}: Pick<TrainConfig, 'dataset' | 'classMap'>): string[] {
  if (classMap === null || (dataset !== 'cifar10' && dataset !== 'cifar100')) return [];
  return [
    `classMap: expected nothing for dataset ${dataset}, whose classes are fixed, got ${JSON.stringify(classMap)}. Leave it out`,
  ];
}

/** What the settings of dataset, input and augmentation must satisfy together. */
export function dataProblems({
  dataset,
  dataDir,
  classMap,
  input,
  augment,
}: Pick<TrainConfig, 'dataset' | 'dataDir' | 'classMap' | 'input' | 'augment'>): string[] {
  const problems: string[] = [];
  if (isFileDataset(dataset)) {
    if (dataDir === null) {
      problems.push(
        `dataDir: expected the folder of the images for dataset ${dataset}, got null. Give --data-dir`,
      );
    }
    problems.push(...classMapProblems({ dataset, classMap }));
    const { imageSize, evalResize, crop } = resolveInput({ dataset, input, augment });
    if (evalResize < imageSize) {
      problems.push(
        `input.evalResize: expected at least imageSize (${imageSize}), got ${evalResize}`,
      );
    }
    if (input.std?.includes(0)) {
      problems.push(`input.std: expected values > 0, got ${JSON.stringify(input.std)}`);
    }
    if (crop !== 'pad' && augment.cropPadding !== defaultCropPadding) {
      problems.push(
        `augment.cropPadding: expected nothing for crop ${crop}, which pads nothing, got ${augment.cropPadding}. Leave it out, or give --crop pad`,
      );
    }
    return problems;
  }
  // What only says how files are read (threads, memory, bad images) does no harm.
  const unused = {
    dataDir,
    classMap,
    'input.imageSize': input.imageSize,
    'input.evalResize': input.evalResize,
    'input.antialias': input.antialias || null,
    'input.exifOrientation': input.exifOrientation || null,
    'input.mean': input.mean,
    'input.std': input.std,
    'augment.crop': augment.crop === 'pad' ? null : augment.crop,
    'augment.colorJitter': augment.colorJitter || null,
    'augment.pcaNoise': augment.pcaNoise || null,
  };
  for (const [name, value] of Object.entries(unused)) {
    if (value === null) continue;
    problems.push(
      `${name}: expected nothing for dataset ${dataset}, which is not in files, got ${JSON.stringify(value)}. Leave it out, or give another --dataset`,
    );
  }
  return problems;
}
