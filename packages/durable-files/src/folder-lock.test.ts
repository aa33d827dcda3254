import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { FolderLockedError, LOCK, lockFolder } from './folder-lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, LOCK);
});

/** Writes a lock as this process would, but for `changes`, last touched some seconds ago. */
async function leave(changes: object, secondsAgo = 0): Promise<void> {
  const release = await lockFolder(folder);
  const text = JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes });
  await release();
  writeFileSync(path, text);
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(path, then, then);
}

test('a lock that could not be deleted is broken by the process that it names', async () => {
  const release = await lockFolder(folder);
  const text = readFileSync(path, 'utf8');
  rmSync(path);
  mkdirSync(path);
  await expect(release()).rejects.toThrow('EISDIR');
  rmSync(path, { recursive: true });
  writeFileSync(path, text);
  await (await lockFolder(folder))();
  expect(readdirSync(folder)).toEqual([]);
});

const deadPid = () => spawnSync(process.execPath, ['--version']).pid;

test('a folder is taken once, and free again when it is released', async () => {
  const release = await lockFolder(folder);
  const second = lockFolder(folder);
  await expect(second).rejects.toThrow(FolderLockedError);
  await expect(second).rejects.toMatchObject({ pid: process.pid });
  await release();
  expect(readdirSync(folder)).toEqual([]);
  await (await lockFolder(folder))();
});

test.each([
  ['a process that ended', () => ({ pid: deadPid() }), 0],
  ['a process whose pid another one has now', () => ({ started: '1' }), 0],
  ['this machine before it was started anew', () => ({ boot: 'before' }), 0],
  ['another machine that is silent', () => ({ host: 'elsewhere', pid: 1 }), 301],
  ['another container that is silent', () => ({ space: 'pid:[1]', pid: 1 }), 301],
])('the lock of %s is broken', async (_, changes, secondsAgo) => {
  await leave(changes(), secondsAgo);
  const release = await lockFolder(folder);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  await release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['another machine', { host: 'elsewhere', pid: 1 }, 'process 1 on elsewhere'],
  ['another container', { space: 'pid:[1]', pid: 1 }, 'process 1 on'],
])('the lock of %s that gave a sign of life stands', async (_, changes, message) => {
  await leave(changes, 200);
  await expect(lockFolder(folder)).rejects.toThrow(message);
  expect(existsSync(path)).toBe(true);
});

test('a lock whose maker was killed before it wrote is broken, one that is being written is waited for', async () => {
  await leave({}, 3);
  writeFileSync(path, '');
  utimesSync(path, 0, 0);
  await (await lockFolder(folder))();
  writeFileSync(path, '');
  const waiting = lockFolder(folder);
  await new Promise((resolve) => setTimeout(resolve, 200));
  writeFileSync(path, JSON.stringify({ pid: 7, host: 'elsewhere' }));
  await expect(waiting).rejects.toThrow('process 7 on elsewhere');
});

test('of processes that start at once over a dead lock one gets the folder', async () => {
  await leave({ pid: deadPid() });
  const index = new URL('../dist/index.js', import.meta.url);
  const script = `import { lockFolder } from ${JSON.stringify(index)};
    await lockFolder(${JSON.stringify(folder)}).then(() => console.log('taken'), (error) => console.log(error.name));
    process.stdin.resume();`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script]),
  );
  const said = await Promise.all(
    children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()),
  );
  for (const child of children) child.kill('SIGKILL');
  expect(said.sort()).toEqual([...Array(5).fill('FolderLockedError'), 'taken']);
});

test('a holder gives signs of life until it releases the folder', async () => {
  const release = await lockFolder(folder, { beat: 5 });
  for (let beats = 0; beats < 2; beats++) {
    utimesSync(path, 1, 1);
    await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(1e12), 5000);
  }
  await release();
  expect(readdirSync(folder)).toEqual([]);
});
