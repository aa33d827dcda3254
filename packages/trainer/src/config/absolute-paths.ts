import { resolve } from 'node:path';
import type { TrainConfig } from './schema.ts';

/** The configuration with the folders that it names made absolute, so that a run goes on from any working directory. */
export function absolutePaths(config: TrainConfig): TrainConfig {
  const { dataDir, classMap } = config;
  return {
    ...config,
    dataDir: dataDir === null ? null : resolve(dataDir),
    classMap: classMap === null ? null : resolve(classMap),
  };
}
