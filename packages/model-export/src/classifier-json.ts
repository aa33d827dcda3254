import { readFileSync } from 'node:fs';
import type { ExportedModel } from './export-model.ts';

/** Where weights come from. */
export interface Provenance {
  /** A run folder, a file, or a name of a hub. */
  readonly source: string;
  /** Which of a run, such as its epoch. */
  readonly checkpoint?: unknown;
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly version: string;
};

/** This package and its version, as files name what wrote them. */
export const createdBy = `${manifest.name} ${manifest.version}`;

/** The content of `classifier.json`, by which an export is a classifier: what the graph does not say. */
export function classifierJson(
  { description, license = null, provenance }: ExportedModel,
  model: string,
): string {
  const content = {
    ...{ format: 'bag-of-tricks-classifier', version: 1, model, description, license },
    provenance: { ...provenance, createdBy },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
