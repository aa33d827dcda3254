import type { DatasetFile } from './dataset.ts';
import type { DataFingerprint, DataRecord } from './fingerprint.ts';
import { readList } from './fingerprint.ts';

type Files = ReadonlyMap<string, Omit<DatasetFile, 'name'>>;

const shown = 3;

/** `3 added (a, b, c)`, or nothing. */
function describe(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const some = names.slice(0, shown).join(', ');
  return [`${names.length} ${what} (${some}${names.length > shown ? ', ...' : ''})`];
}

/** Files that are gone and others, of the same split, class and size, that came in their place: each by both its names. */
function findRenamed(
  removed: string[],
  added: string[],
  before: Files,
  now: Files,
): [before: string, now: string][] {
  const keyOf = ({ split, label, bytes }: Omit<DatasetFile, 'name'>) =>
    `${split} ${label} ${bytes}`;
  const waiting = new Map<string, string[]>();
  for (const name of added) {
    const file = now.get(name)!;
    if (file.bytes === null) continue;
    const key = keyOf(file);
    waiting.set(key, [...(waiting.get(key) ?? []), name]);
  }
  return removed.flatMap((name) => {
    const other = waiting.get(keyOf(before.get(name)!))?.shift();
    return other === undefined ? [] : [[name, other]];
  });
}

/** What differs between two lists, in words. */
function compareLists(before: Files, now: Files): string[] {
  const removed = [...before.keys()].filter((name) => !now.has(name));
  const added = [...now.keys()].filter((name) => !before.has(name));
  const resized = [...now].flatMap(([name, { bytes }]) => {
    const old = before.get(name)?.bytes ?? null;
    return old === null || bytes === null || old === bytes ? [] : [name];
  });
  const renamed = findRenamed(removed, added, before, now);
  const names = new Set(renamed.flat());
  const other = (name: string) => !names.has(name);
  return [
    ...describe('added', added.filter(other)),
    ...describe('removed', removed.filter(other)),
    ...describe(
      'renamed',
      renamed.map((pair) => pair.join(' -> ')),
    ),
    ...describe('of another size', resized),
  ];
}

/** What differs by the counts alone, for a run folder without its list. */
function compareCounts(
  before: DataRecord,
  now: DataRecord,
  classNames: readonly string[],
): string[] {
  const splits = (['train', 'eval'] as const).flatMap((split) =>
    before.files[split] === now.files[split]
      ? []
      : [`${now.files[split]} ${split} files in place of ${before.files[split]}`],
  );
  const classes = classNames.flatMap((name, i) => {
    const [old, images] = [before.perClass[i] ?? 0, now.perClass[i] ?? 0];
    return old === images ? [] : [`${images} images of ${name} in place of ${old}`];
  });
  return [...splits, ...classes.slice(0, shown)];
}

/** What differs between the images that were there before and those that are there now, in words; null when nothing does. */
export function dataChanges(
  before: DataRecord,
  { record, list }: DataFingerprint,
  {
    oldList,
    classNames,
  }: { readonly oldList: Uint8Array | null; readonly classNames: readonly string[] },
): string | null {
  if (before.digest === record.digest) return null;
  const changes =
    list && oldList
      ? compareLists(readList(oldList), readList(list))
      : compareCounts(before, record, classNames);
  return changes.join(', ') || 'others of the same number';
}
