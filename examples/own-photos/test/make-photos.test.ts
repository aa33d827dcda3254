import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Runs the script in a new folder that has these files in `photos`. */
function make(...files: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'make photos-'));
  for (const file of files.map((name) => join(cwd, 'photos', name))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, file);
  }
  const script = join(import.meta.dirname, '../make-photos.mjs');
  const ran = spawnSync(process.execPath, [script, '--photos', 'photos'], { cwd });
  const made = existsSync(join(cwd, 'output'))
    ? readdirSync(join(cwd, 'output'), { recursive: true }).map(String).sort()
    : [];
  return { status: ran.status, stderr: String(ran.stderr), made };
}

test('only photographs are taken, whatever lies between them', () => {
  const photos = ['cat/a.jpg', 'cat/b.JPEG', 'dog/c.png', 'dog/d.webp', 'dog/e.gif'];
  const others = ['cat/.DS_Store', 'cat/Thumbs.db', '.git/config', 'notes.txt', 'dog/.c.png'];
  const { status, stderr, made } = make(...photos, ...others);
  expect([status, stderr]).toEqual([0, '']);
  expect(made).toEqual([
    ...['photos', 'photos/cat', 'photos/cat/1.JPEG'],
    ...['photos/dog', 'photos/dog/1.webp', 'photos/dog/2.gif'],
    ...['unseen', 'unseen/cat.jpg', 'unseen/dog.png'],
  ]);
});

test.each([
  ['no folder', [], 'expected photos to be a folder'],
  ['no classes', ['a.jpg', 'b.jpg'], 'two classes or more in photos, got 0'],
  ['a class of one', ['cat/a.jpg', 'dog/a.jpg', 'dog/b.jpg'], 'or more in photos/cat, got 1'],
  [
    'a folder in a class',
    ['cat/a.jpg', 'cat/b.jpg', 'dog/a/b.jpg'],
    'photos/dog, got the folder a',
  ],
])('%s is told in a line, and nothing is left behind', (_, files, message) => {
  const { status, stderr, made } = make(...files);
  expect([status, made]).toEqual([1, []]);
  expect(stderr).toMatch(/^make-photos: expected .+\n$/);
  expect(stderr).toContain(message);
});
