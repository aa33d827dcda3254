import { formatProblems, resolveInput } from '@bag-of-tricks/image-data';
import type { BaseConfig } from './base-schema.ts';
import { defaultCropPadding, ownDataset } from './data-schema.ts';

/** A folder of images and nothing else said means that it is an image folder. */
export function withImpliedDataset(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('dataDir' in input)) return input;
  const { dataset, dataDir } = input as { readonly dataset?: unknown; readonly dataDir: unknown };
  return dataset === undefined && dataDir !== null ? { ...input, dataset: 'folder' } : input;
}

/** What the settings of dataset, input and augmentation must satisfy together. */
export function dataProblems(
  config: Pick<
    BaseConfig,
    'dataset' | 'dataDir' | 'classMap' | 'valSplit' | 'synthetic' | 'input' | 'augment'
  >,
): string[] {
  const { dataset, augment } = config;
  if (dataset === ownDataset) return [];
  const { imageSize, evalResize, crop, channels, mean, std, ...colors } = resolveInput({
    ...{ dataset, synthetic: config.synthetic },
    ...config.input,
    ...augment,
  });
  const problems = formatProblems({ ...config, dataset });
  if (config.valSplit !== null && dataset !== 'folder') {
    problems.push(
      `valSplit: expected nothing for dataset ${dataset}, whose validation images are set apart, got ${config.valSplit}. Leave it out`,
    );
  }
  if (config.input.evalResize !== null && config.input.cropPct !== null) {
    problems.push(
      `input.cropPct: expected nothing beside evalResize (${evalResize}), which says the same, got ${config.input.cropPct}. Leave one out`,
    );
  }
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
