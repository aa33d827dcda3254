import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a run has left, by names of its parts: hashes of bytes, and texts without their columns of time. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Columns, and members of JSON objects, that differ between two runs of the same. */
const times = new Set([
  ...['seconds', 'dataSeconds', 'imgPerSec', 'dataMs'],
  ...['images_per_second', 'data_percent', 'epoch_seconds'],
]);

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** The checkpoint that `last` or `best` names, be it a link or a small file; null when there is none. */
export function pointedTo(runFolder: string, name: 'last' | 'best'): string | null {
  const path = join(runFolder, 'checkpoints', name);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return null;
  const target = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path, 'utf8').trim();
  return basename(target);
}

/** The names of a run's checkpoints, in order. */
export function checkpointsOf(runFolder: string): string[] {
  const folder = join(runFolder, 'checkpoints');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith('epoch-'))
    .sort();
}

/** Whether a run folder holds a checkpoint to go on with: a kill may leave the first one without its link. */
export const hasCheckpoint = (runFolder: string): boolean => checkpointsOf(runFolder).length > 0;

const withoutTimes = (text: string) =>
  JSON.stringify(JSON.parse(text, (key, value) => (times.has(key) ? undefined : value)));

/** Rows of a table without the columns that measure time. */
function rowsOf(text: string): string {
  const rows = text.split('\n').map((row) => row.split(','));
  const kept = rows[0]!.flatMap((name, i) => (times.has(name) ? [] : [i]));
  return rows.map((row) => kept.map((i) => row[i] ?? '').join(',')).join('\n');
}

function contentOf(path: string): string {
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  if (path.endsWith('.jsonl')) {
    return text
      .split('\n')
      .map((line) => (line === '' ? '' : withoutTimes(line)))
      .join('\n');
  }
  if (path.endsWith('.csv')) return rowsOf(text);
  if (basename(path) === 'state.json')
    return withoutTimes(text.replace(/"output": "[^"]*"/, '"output": ""'));
  // That of state.json says where the run is; its content is compared by itself.
  if (basename(path) === 'SHA256SUMS') return text.replace(/^.* state\.json$/m, '');
  if (basename(path) === 'args.yaml') return text.replace(/^(#|output:).*$/gm, '');
  return hash(bytes);
}

/** Files of the run folder that only say when, where and how it ran; that they are there is compared, not what they say. */
const notCompared = /^(env.*\.json|report\.html|train\.log)$/;

/** Takes the fingerprint of a run folder. */
export function fingerprintOf(runFolder: string): Fingerprint {
  const parts: Record<string, string> = {};
  for (const name of readdirSync(runFolder).sort()) {
    if (name === 'checkpoints') continue;
    parts[name] = notCompared.test(name) ? 'there' : contentOf(join(runFolder, name));
  }
  const checkpoints = join(runFolder, 'checkpoints');
  parts['names in checkpoints'] = readdirSync(checkpoints).sort().join(' ');
  for (const name of ['last', 'best'] as const) {
    const target = pointedTo(runFolder, name);
    parts[name] = target ?? 'none';
    if (target === null || !existsSync(join(checkpoints, target))) continue;
    for (const file of readdirSync(join(checkpoints, target)).sort()) {
      parts[`${name}/${file}`] = contentOf(join(checkpoints, target, file));
    }
  }
  return parts;
}

/** How two fingerprints differ, in a line each; attempts beyond the first may have an `env` file each. */
export function differences(expected: Fingerprint, got: Fingerprint): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(got)])].sort();
  return names.flatMap((name) => {
    if (expected[name] === got[name] || name.startsWith('env')) return [];
    if (got[name] === undefined) return [`${name} is missing`];
    if (expected[name] === undefined) return [`${name} is left over`];
    return [`${name} differs: ${firstDifference(expected[name], got[name])}`];
  });
}

function firstDifference(expected: string, got: string): string {
  const [a, b] = [expected.split('\n'), got.split('\n')];
  const line = a.findIndex((text, i) => text !== b[i]);
  const show = (text: string | undefined) => (text ?? '(nothing)').slice(0, 120);
  return `expected ${show(a[line] ?? '')}, got ${show(b[Math.max(0, line)])}`;
}

/** Whether `best` names the checkpoint that was saved after the epoch that the last one knows as the best; a message when not. */
export function lostBest(runFolder: string): string | null {
  const last = pointedTo(runFolder, 'last');
  if (last === null) return null;
  const stateOf = (name: string) =>
    JSON.parse(readFileSync(join(runFolder, 'checkpoints', name, 'state.json'), 'utf8')) as {
      readonly epoch: number;
      readonly best: { readonly epoch: number } | null;
    };
  const { best } = stateOf(last);
  if (best === null) return null;
  const kept = pointedTo(runFolder, 'best');
  if (kept === null) return `best of epoch ${best.epoch} has no checkpoint`;
  const epoch = stateOf(kept).epoch - 1;
  if (epoch === best.epoch) return null;
  return `best is of epoch ${best.epoch}, the checkpoint kept as best is of epoch ${epoch}`;
}
