import { resolveInput } from '../data/input-settings.ts';
import type { BaseConfig } from './base-schema.ts';
import { defaultCropPadding, fileDatasets, ownDataset } from './data-schema.ts';

/** Whether the images of a dataset are files, which `dataDir` names. */
export function isFileDataset(dataset: BaseConfig['dataset']): boolean {
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
}: Pick<BaseConfig, 'dataset' | 'classMap'>): string[] {
  const isFixed = dataset === 'cifar10' || dataset === 'cifar100' || !isFileDataset(dataset);
  if (classMap === null || !isFixed) return [];
  return [
    `classMap: expected nothing for dataset ${dataset}, whose classes are fixed, got ${JSON.stringify(classMap)}. Leave it out`,
  ];
}

function dataDirProblems({ dataset, dataDir }: Pick<BaseConfig, 'dataset' | 'dataDir'>): string[] {
  if (isFileDataset(dataset) === (dataDir !== null)) return [];
  return dataDir === null
    ? [
        `dataDir: expected the folder of the images for dataset ${dataset}, got null. Give --data-dir`,
      ]
    : [
        `dataDir: expected nothing for dataset ${dataset}, which is not in files, got ${JSON.stringify(dataDir)}. Leave it out, or give another --dataset`,
      ];
}

/** What the settings of dataset, input and augmentation must satisfy together. */
export function dataProblems(
  config: Pick<BaseConfig, 'dataset' | 'dataDir' | 'classMap' | 'synthetic' | 'input' | 'augment'>,
): string[] {
  const { dataset, augment } = config;
  if (dataset === ownDataset) return [];
  const { imageSize, evalResize, crop, channels, mean, std, ...colors } = resolveInput(config);
  const problems = [...dataDirProblems(config), ...classMapProblems(config)];
  if (evalResize < imageSize) {
    problems.push(
      `input.evalResize: expected at least imageSize (${imageSize}), got ${evalResize}`,
    );
  }
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values.length === channels) continue;
    problems.push(
      `input.${name}: expected as many numbers as the images of dataset ${dataset} have channels (${channels}), got ${JSON.stringify(values)}`,
    );
  }
  if (std.includes(0)) {
    problems.push(`input.std: expected values > 0, got ${JSON.stringify(std)}`);
  }
  if (crop !== 'pad' && augment.cropPadding !== defaultCropPadding) {
    problems.push(
      `augment.cropPadding: expected nothing for crop ${crop}, which pads nothing, got ${augment.cropPadding}. Leave it out, or give --crop pad`,
    );
  }
  for (const name of ['colorJitter', 'pcaNoise'] as const) {
    if (channels === 3 || colors[name] === 0) continue;
    problems.push(
      `augment.${name}: expected nothing for dataset ${dataset}, whose images are grey, got ${colors[name]}. Leave it out`,
    );
  }
  return problems;
}
