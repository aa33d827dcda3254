// Remembers what a finished step was made from, so that it can be skipped while that has not changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cacheFolder, root } from './environment.mjs';

/**
 * All files below a folder, sorted; nothing when it does not exist.
 * @param {string} folder
 * @param {(name: string) => boolean} [skip] names of files and folders to leave out
 * @returns {string[]}
 */
export function filesBelow(folder, skip = () => false) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skip(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path, skip) : [path];
    })
    .sort();
}

/** A hash of the files' names and contents. @param {string[]} paths */
export function hashContents(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

/** A hash of the files' names, sizes and times: notices that a product was removed or replaced. @param {string[]} paths */
export function hashStates(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex');
}

/** Whether the step was finished with this value. @param {string} step @param {string} value */
export function isStamped(step, value) {
  const path = join(cacheFolder, step);
  return existsSync(path) && readFileSync(path, 'utf8') === value;
}

/** @param {string} step @param {string} value */
export function writeStamp(step, value) {
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(join(cacheFolder, step), value);
}
