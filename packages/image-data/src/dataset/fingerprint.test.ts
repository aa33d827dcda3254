import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataChanges } from './data-changes.ts';
import type { Dataset, DatasetFile } from './dataset.ts';
import { fingerprintOf, readList } from './fingerprint.ts';

const classNames = ['cat', 'dog'];

const datasetOf = (files: readonly DatasetFile[], more: Partial<Dataset> = {}) =>
  ({
    classNames,
    async *files() {
      for (let i = 0; i < files.length; i += 2) yield files.slice(i, i + 2);
    },
    ...more,
  }) as Dataset;

const file = (name: string, bytes: number | null = 10, label: number | null = 0): DatasetFile => ({
  ...{ split: 'train', name, label, bytes },
});

const three = [file('cat/a', 1), file('cat/b', 2), file('dog/c', 3, 1)];

async function changesOf(
  before: readonly DatasetFile[],
  now: readonly DatasetFile[],
  { withList = true } = {},
): Promise<string | null> {
  const [old, found] = [
    (await fingerprintOf(datasetOf(before), 7))!,
    (await fingerprintOf(datasetOf(now), 7))!,
  ];
  const oldList = withList ? old.list : null;
  return dataChanges(old.record, found, { oldList, classNames });
}

test('counts files and images of a class, and keeps the list of all', async () => {
  const { record, list } = (await fingerprintOf(datasetOf(three), 7))!;
  expect(record).toMatchObject({
    files: { train: 3, eval: 0 },
    perClass: [2, 1],
    stepsPerEpoch: 7,
  });
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect(readList(list!).get('train/dog/c')).toEqual({ split: 'train', label: 1, bytes: 3 });
});

test('any one file that is added, removed, renamed, resized or of another class gives another digest, and the same files the same', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.constantFrom('add', 'remove', 'rename', 'resize', 'relabel'),
      async (names, at, kind) => {
        const files = names.map((name) => file(name));
        const i = at % files.length;
        const other = {
          add: [...files, file(`${names.join('')}x`)],
          remove: files.toSpliced(i, 1),
          rename: files.with(i, file(`${names.join('')}x`)),
          resize: files.with(i, file(names[i]!, 11)),
          relabel: files.with(i, file(names[i]!, 10, 1)),
        }[kind];
        const digest = async (some: readonly DatasetFile[]) =>
          (await fingerprintOf(datasetOf(some), 7))!.record.digest;
        expect(await digest(other)).not.toBe(await digest(files));
        expect(await digest([...files])).toBe(await digest(files));
      },
    ),
    { numRuns: 50 },
  ));

test.each([
  ['nothing', three, null],
  ['one more', [...three, file('dog/d', 9, 1)], '1 added (train/dog/d)'],
  ['one gone', three.slice(1), '1 removed (train/cat/a)'],
  ['a new name', three.with(0, file('cat/z', 1)), '1 renamed (train/cat/a -> train/cat/z)'],
  [
    'a name with an arrow',
    three.with(0, file('a -> b', 1)),
    '1 renamed (train/cat/a -> train/a -> b)',
  ],
  ['a new size', three.with(1, file('cat/b', 8)), '1 of another size (train/cat/b)'],
  [
    'many',
    [...three, ...['d', 'e', 'f', 'g'].map((name) => file(name, 50))],
    '4 added (train/d, train/e, train/f, ...)',
  ],
  [
    'another in the place of one, of another size',
    three.with(2, file('dog/d', 9, 1)),
    '1 added (train/dog/d), 1 removed (train/dog/c)',
  ],
])('says what differs: %s', async (_, now, expected) => {
  expect(await changesOf(three, now)).toBe(expected);
});

test('a line feed and a backslash in names are told from each other, and the list keeps them apart', async () => {
  const names = ['a\nb', 'a\\nb', 'a\\\nb', 'a\\\\nb'];
  const prints = await Promise.all(names.map((name) => fingerprintOf(datasetOf([file(name)]), 7)));
  expect(new Set(prints.map((print) => print!.record.digest)).size).toBe(names.length);
  expect(
    readList((await fingerprintOf(datasetOf(names.map((name) => file(name))), 7))!.list!).size,
  ).toBe(4);
});

test('the fingerprint of plain names stays what it was, so that older runs go on', async () => {
  expect((await fingerprintOf(datasetOf(three), 7))!.record.digest.slice(0, 16)).toBe(
    'f004ac7d0b1eb57d',
  );
});

test('without the list the counts speak', async () => {
  const without = { withList: false };
  expect(await changesOf(three, [...three, file('dog/d', 9, 1)], without)).toBe(
    '4 train files in place of 3, 2 images of dog in place of 1',
  );
  expect(await changesOf(three, three.with(0, file('cat/z')), without)).toBe(
    'others of the same number',
  );
});

test('sizes that were not asked for are no change', async () => {
  const unknown = three.map((one) => ({ ...one, bytes: null }));
  expect(await changesOf(unknown, [...unknown, file('x', 4)])).toBe('1 added (train/x)');
});

test("a dataset of one's own speaks for itself, and synthetic images need no word", async () => {
  const own = await fingerprintOf({ fingerprint: 'v2' } as Dataset, 3);
  expect(own).toMatchObject({ record: { digest: 'v2', stepsPerEpoch: 3 }, list: null });
  expect(await fingerprintOf({ classNames } as unknown as Dataset, 3)).toBeNull();
});
