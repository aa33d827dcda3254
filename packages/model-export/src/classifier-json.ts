import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ExportedModel, Writing } from './export-model.ts';

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

/** What an export says of itself whatever its files are. */
export const aboutModel = ({ description, license = null, provenance }: ExportedModel) => ({
  ...{ format: 'bag-of-tricks-classifier', version: 1, description, license },
  provenance: { ...provenance, createdBy },
});

/** The content of `classifier.json`, by which an export is a classifier: what its files, of which `model` holds the graph, do not say. */
export function classifierJson(about: ExportedModel, { model, files }: Writing): string {
  const digests = Object.entries(files).map(([name, content]) => [
    name,
    createHash('sha256').update(content).digest('hex'),
  ]);
  const content = { ...aboutModel(about), model, sha256: Object.fromEntries(digests) };
  return `${JSON.stringify(content, null, 2)}\n`;
}
