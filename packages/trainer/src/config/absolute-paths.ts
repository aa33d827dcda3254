import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { TrainConfig } from './schema.ts';

/** The configuration with the folders that it names made absolute, so that a run goes on from any working directory. */
export function absolutePaths(config: TrainConfig): TrainConfig {
  const { dataDir, classMap, output, pretrained } = config;
  const isPath = pretrained !== null && !pretrained.startsWith('hf:');
  return {
    ...config,
    output: resolve(output),
    pretrained: isPath ? resolve(pretrained) : pretrained,
    dataDir: dataDir === null ? null : resolve(dataDir),
    classMap: classMap === null ? null : resolve(classMap),
  };
}

/** The folder itself, or the nearest one above it that is there. */
export function nearestExisting(folder: string): string {
  let there = resolve(folder);
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
  return there;
}
