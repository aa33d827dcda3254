// How large a package is as it is published: measured from its tarball, and compared with the committed table.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { requireCommand } from './command.mjs';
import { filesBelow } from './stamp.mjs';

/** By how much a size may differ from the table's before the table has to be made anew. */
const TOLERANCE = 0.25;

/**
 * @typedef {object} Sizes
 * @property {number} packed bytes that npm fetches
 * @property {number} unpacked bytes on the disk
 * @property {number} files
 * @property {number} code bytes of the package's own code behind its main entry, minified and gzipped, as a bundle has it
 */

/** Measures a tarball. @param {string} tarball @returns {Promise<Sizes>} */
export async function measure(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
  try {
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    const files = filesBelow(join(folder, 'package'));
    const bundle = join(folder, 'bundle.js');
    const options = ['--bundle', '--packages=external', '--minify', '--format=esm'];
    const input = join(folder, 'package/dist/index.js');
    await requireCommand('esbuild', [input, ...options, '--platform=node', `--outfile=${bundle}`], {
      ...{ quiet: true, purpose: 'bundling the package', advice: 'Mend what esbuild names above.' },
    });
    return {
      packed: statSync(tarball).size,
      unpacked: files.reduce((sum, path) => sum + statSync(path).size, 0),
      files: files.length,
      code: gzipSync(readFileSync(bundle)).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {Sizes} sizes */
export function formatRow(name, { packed, unpacked, files, code }) {
  const kilobytes = [packed, unpacked, code].map((bytes) => (bytes / 1000).toFixed(1));
  return `| [${name}](packages/${name}/README.md) | ${kilobytes.join(' | ')} | ${files} |`;
}

/** Fails where a package's row is not there or says something else. @param {string} table @param {string} name @param {Sizes} sizes */
export function checkRow(table, name, sizes) {
  const row = table.split('\n').find((line) => line.startsWith(`| [${name}]`));
  const stated = row?.split('|').slice(2, 5).map(Number) ?? [];
  const found = [sizes.packed, sizes.unpacked, sizes.code].map((bytes) => bytes / 1000);
  const isStale = found.some((size, i) => {
    const other = stated[i] ?? Number.NaN;
    return !(Math.abs(size - other) <= TOLERANCE * other + 0.1);
  });
  if (!isStale) return;
  throw new Error(
    `SIZES.md: expected ${name} within ${100 * TOLERANCE} % of its row, got ${formatRow(name, sizes)} instead of ${row ?? 'none'}. ` +
      'If the package is to be that large, run `pnpm docs:sizes`.',
  );
}
