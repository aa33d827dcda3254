import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { faults, withFault } from '../test/faulty-files.ts';
import { bestOf, checkpointStore, keptOf } from './checkpoint-store.ts';
import { findDamage } from './checksums.ts';
import { SpaceError } from './free-space.ts';

const space = vi.hoisted(() => ({ bavail: 1e9 }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await import('../test/faulty-files.ts')).faulty(await original()),
  statfs: async () => ({ bavail: space.bavail, bsize: 4096 }),
}));

const rate = async (folder: string) => {
  const text = await readFile(join(folder, 'score'), 'utf8').catch(() => '');
  return { score: text === '' ? null : Number(text) };
};
const storeIn = (folder: string) => checkpointStore(folder, { prefix: 'epoch-', rate });
const filesOf = (n: number, score: number | null) => ({
  weights: `w${n}`,
  score: `${score ?? ''}`,
});

/** Scores of six checkpoints: better, worse and equal ones, one without; 4 is the best when 5 and 6 come. */
const scores = [50, 60, null, 60, 70, 40];
const saveIn = (folder: string, n: number, keepBest = 1) =>
  storeIn(folder).save(`epoch-${n}`, filesOf(n, scores[n]!), { keepBest });

/** Names and contents of all that is in a folder; of links their targets. */
function contentOf(folder: string): Record<string, unknown> {
  const entries = readdirSync(folder, { withFileTypes: true }).map((one) => {
    const path = join(folder, one.name);
    if (one.isSymbolicLink()) return [one.name, readlinkSync(path)];
    return [one.name, one.isDirectory() ? contentOf(path) : readFileSync(path, 'utf8')];
  });
  return Object.fromEntries(entries.sort());
}

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
  folder = join(root, 'checkpoints');
  mkdirSync(folder);
  space.bavail = 1e9;
});

test('last, previous and best stay, and the best before the last', async () => {
  const left: string[][] = [];
  for (const n of scores.keys()) {
    await saveIn(folder, n);
    left.push(readdirSync(folder).map((name) => name.replace('epoch-', '')));
  }
  expect(left).toEqual([
    ['best', '0', 'last'],
    ['best', '0', '1', 'last'],
    ['best', '1', '2', 'last'],
    ['best', '1', '2', '3', 'last'],
    ['best', '1', '3', '4', 'last'],
    ['best', '4', '5', 'last'],
  ]);
  expect(readlinkSync(join(folder, 'best'))).toBe('epoch-4');
  expect(await findDamage(join(folder, 'last'))).toBeNull();
});

test('the k best stay, and of equal ones the earlier', async () => {
  for (const n of scores.keys()) await saveIn(folder, n, 2);
  expect((await storeIn(folder).list()).map(({ name }) => name)).toEqual([
    ...['epoch-1', 'epoch-4', 'epoch-5'],
  ]);
  const all = scores.map((score, n) => ({ name: `${n}`, score }));
  expect(bestOf(all, 3).map(({ name }) => name)).toEqual(['4', '1', '3']);
  expect([...keptOf([{ name: 'a', score: null }])]).toEqual(['a']);
});

test('the newest landmark stays until the next one is not the last any more, whatever its score', async () => {
  const store = checkpointStore(folder, {
    prefix: 'epoch-',
    rate: async (path) => ({ score: null, isLandmark: existsSync(join(path, 'landmark')) }),
  });
  const left: string[] = [];
  for (const landmark of [true, true, false, false, false, true, false]) {
    const files = { weights: '', ...(landmark && { landmark: '' }) };
    await store.save(`epoch-${left.length}`, files);
    left.push((await store.list()).map(({ name }) => name.replace('epoch-', '')).join(' '));
  }
  expect(left).toEqual(['0', '0 1', '1 2', '1 2 3', '1 3 4', '1 4 5', '5 6']);
});

test('numbers in names count by their value', async () => {
  for (const n of [9999, 10_000, 10_001])
    await storeIn(folder).save(`epoch-${n}-step-1`, filesOf(n, null));
  expect(readlinkSync(join(folder, 'last'))).toBe('epoch-10001-step-1');
  await storeIn(folder).goBackTo('epoch-10000-step-1');
  expect((await storeIn(folder).list()).map(({ name }) => name)).toEqual(['epoch-10000-step-1']);
});

test('what is counted otherwise from a checkpoint on comes after it by the name that it gets', async () => {
  for (const n of [20, 30, 40]) await storeIn(folder).save(`epoch-${n}`, filesOf(n, null));
  await storeIn(folder).goBackTo('epoch-30', { as: 'epoch-15' });
  await storeIn(folder).save('epoch-16', filesOf(16, null));
  expect(readlinkSync(join(folder, 'last'))).toBe('epoch-16');
  expect((await storeIn(folder).list()).map(({ name }) => name)).toEqual(['epoch-15', 'epoch-16']);
  expect(await findDamage(join(folder, 'epoch-15'))).toBeNull();
});

test.each(['kill', 'ENOSPC', 'EIO'])(
  'at every operation of every save, %s leaves the old or the new state, and the same save ends alike',
  async (kind) => {
    let cases = 0;
    for (const n of scores.keys()) {
      const expected = join(root, `${n}`);
      cpSync(folder, expected, { recursive: true, verbatimSymlinks: true });
      const before = await storeIn(folder).list();
      await withFault({}, () => saveIn(expected, n));
      const operations = faults.count;
      expect(operations).toBeGreaterThan(10);
      for (let at = 0; at < operations; at++) {
        const struck = join(root, `${n}-${at}`);
        cpSync(folder, struck, { recursive: true, verbatimSymlinks: true });
        const thrown = await withFault({ at, kind }, () => saveIn(struck, n));
        const after = await storeIn(struck).list();
        const isNew = after.at(-1)?.name === `epoch-${n}`;
        if (kind !== 'kill' && !thrown) expect(isNew, `${n}-${at}`).toBe(true);
        const state = isNew ? [...before, { name: `epoch-${n}`, score: scores[n]! }] : before;
        expect(after.at(-1), `last ${n}-${at}`).toEqual(state.at(-1));
        expect(bestOf(after), `best ${n}-${at}`).toEqual(bestOf(state));
        for (const { name } of after) expect(await findDamage(join(struck, name))).toBeNull();
        const leftovers = readdirSync(struck).filter((name) => name.startsWith('.tmp-'));
        if (thrown && kind !== 'kill') expect(leftovers, `${n}-${at}`).toEqual([]);
        await saveIn(struck, n);
        expect(contentOf(struck), `${n}-${at}`).toEqual(contentOf(expected));
        cases++;
      }
      await saveIn(folder, n);
    }
    expect(cases).toBeGreaterThan(100);
  },
);

test.each(['kill', 'EIO'])('going back is repeated to the same end after %s', async (kind) => {
  for (const n of scores.keys()) await saveIn(folder, n, 5);
  const all = (await storeIn(folder).list()).map(({ name }) => name);
  expect(all).toHaveLength(5);
  for (let at = 0, done = false; !done; at++) {
    const struck = join(root, `back-${at}`);
    cpSync(folder, struck, { recursive: true, verbatimSymlinks: true });
    await withFault({ at, kind }, () => storeIn(struck).goBackTo('epoch-1'));
    done = faults.count <= at;
    const names = (await storeIn(struck).list()).map(({ name }) => name);
    // The newest goes first: what a kill leaves is the run at an earlier moment.
    expect(names).toEqual(all.slice(0, names.length));
    expect(names).toContain('epoch-1');
    await storeIn(struck).goBackTo('epoch-1');
    await storeIn(struck).mend(5);
    expect(readdirSync(struck).sort()).toEqual(['best', 'epoch-0', 'epoch-1', 'last']);
  }
});

test('a damaged checkpoint is replaced when it is saved again, a whole one is left', async () => {
  await saveIn(folder, 0);
  const weights = join(folder, 'epoch-0', 'weights');
  await storeIn(folder).save('epoch-0', { weights: 'other' });
  expect(readFileSync(weights, 'utf8')).toBe('w0');
  writeFileSync(weights, 'w1');
  expect(await findDamage(join(folder, 'epoch-0'))).toMatch(/^weights has other bytes/);
  await saveIn(folder, 0);
  expect(readFileSync(weights, 'utf8')).toBe('w0');
  expect(readdirSync(folder)).toEqual(['best', 'epoch-0', 'last']);
});

test('damage is named: other bytes, a missing file, a missing or foreign list', async () => {
  await saveIn(folder, 0);
  const checkpoint = join(folder, 'epoch-0');
  const damageAfter = (name: string, content: string) => {
    const before = readFileSync(join(checkpoint, name));
    writeFileSync(join(checkpoint, name), content);
    return findDamage(checkpoint).finally(() => writeFileSync(join(checkpoint, name), before));
  };
  expect(await damageAfter('SHA256SUMS', 'no sums')).toContain('a line that is no checksum');
  expect(await damageAfter('SHA256SUMS', `${'0'.repeat(64)}  gone\n`)).toContain(
    'gone cannot be read: ENOENT (no such file or folder)',
  );
  expect(await damageAfter('score', '51')).toMatch(
    /score has other bytes .*expected [0-9a-f]{12}…/,
  );
  expect(await findDamage(root)).toBe('SHA256SUMS cannot be read: ENOENT (no such file or folder)');
  writeFileSync(join(checkpoint, 'score'), '51');
  expect(await findDamage(checkpoint, ['weights'])).toBeNull();
  expect(await findDamage(checkpoint, ['weights', 'score'])).toMatch(/^score has other bytes/);
  expect(await findDamage(checkpoint, ['optimizer'])).toBe('SHA256SUMS has no line for optimizer');
});

test.each(['EMFILE', 'EIO', 'EACCES'])(
  '%s in reading a checkpoint is no damage: it is thrown, and nothing is replaced',
  async (kind) => {
    await saveIn(folder, 0);
    const before = contentOf(folder);
    const path = join(folder, 'epoch-0');
    faults.read = kind;
    await expect(findDamage(path)).rejects.toMatchObject({
      code: kind,
      message: expect.stringContaining(`SHA256SUMS: expected a file that can be read, got ${kind}`),
    });
    await expect(storeIn(folder).save('epoch-0', { weights: 'other' })).rejects.toThrow(kind);
    faults.read = '';
    expect(contentOf(folder)).toEqual(before);
  },
);

test('what of tidying up fails is said once, and tried again', async () => {
  const said: string[] = [];
  const warn = (message: string) => said.push(message);
  const store = checkpointStore(folder, { prefix: 'epoch-', rate, warn });
  await withFault({ symlink: 'EPERM' }, () => store.save('epoch-0', filesOf(0, 50)));
  await withFault({ symlink: 'EPERM' }, () => store.save('epoch-1', filesOf(1, 60)));
  expect(said).toEqual([
    expect.stringMatching(
      /^Warning: .*checkpoints: could not write the link last, got EPERM \(not permitted\)\. /,
    ),
  ]);
  await store.mend();
  expect(readlinkSync(join(folder, 'last'))).toBe('epoch-1');
});

test('one whose score cannot be read stays, for it may be the best, and so do the best of the others', async () => {
  for (const [n, score] of [90, 50, 60].entries())
    await storeIn(folder).save(`epoch-${n}`, filesOf(n, score));
  const said: string[] = [];
  const store = checkpointStore(folder, {
    prefix: 'epoch-',
    rate: async (path) => {
      if (path.endsWith('epoch-0')) throw new Error('no score. Do this');
      return rate(path);
    },
    warn: (message) => said.push(message),
  });
  for (const [n, score] of [80, 70, 75].entries())
    await store.save(`epoch-${n + 3}`, filesOf(n + 3, score));
  expect(said).toEqual(['Warning: epoch-0 may be the best, so it stays: no score. Do this']);
  const checkpoints = await store.list();
  expect(checkpoints.map(({ name }) => name)).toEqual(['epoch-0', 'epoch-3', 'epoch-4', 'epoch-5']);
  expect(checkpoints.find(({ unread }) => unread)?.name).toBe('epoch-0');
  await storeIn(folder).mend();
  expect(readlinkSync(join(folder, 'best'))).toBe('epoch-0');
});

test('a copy that followed links goes on, and its folders become links again', async () => {
  for (const n of [0, 1, 2]) await saveIn(folder, n);
  const copy = join(root, 'copy');
  cpSync(folder, copy, { recursive: true, dereference: true });
  for (const n of [3, 4]) await saveIn(folder, n);
  for (const n of [3, 4]) await saveIn(copy, n);
  expect(contentOf(copy)).toEqual(contentOf(folder));
});

test('a file system without links and without fsync of folders will do', async () => {
  const without = { sync: 'EINVAL', symlink: 'EPERM' };
  for (const n of scores.keys()) {
    expect(await withFault(without, () => saveIn(folder, n))).toBeNull();
  }
  const checkpoints = await storeIn(folder).list();
  expect([checkpoints.at(-1)?.name, bestOf(checkpoints)[0]?.name]).toEqual(['epoch-5', 'epoch-4']);
  expect(existsSync(join(folder, 'last'))).toBe(false);
  const thrown = await withFault({ sync: 'EIO' }, () => saveIn(join(root, 'other'), 0));
  expect(thrown).toMatchObject({ code: 'EIO' });
});

test('what does not fit is an error before anything is written', async () => {
  await saveIn(folder, 0);
  const before = contentOf(folder);
  space.bavail = 7;
  const failing = saveIn(folder, 1);
  await expect(failing).rejects.toThrow(SpaceError);
  await expect(failing).rejects.toThrow(/no space: 0\.\d MB needed, 0\.0 MB free in .*checkpoints/);
  expect(contentOf(folder)).toEqual(before);
});
