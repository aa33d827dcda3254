// The table of tricks in README.md, generated from packages/*/trick.json.
//   node scripts/tricks-table.mjs --write   puts it into README.md
//   node scripts/tricks-table.mjs --check   fails when README.md is out of date
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, root } from './lib/environment.mjs';
import { isProgram, runAsProgram } from './lib/program.mjs';

const START = '<!-- tricks:start -->';
const END = '<!-- tricks:end -->';

/**
 * @typedef {object} Trick
 * @property {string} name
 * @property {string} tldr
 * @property {string} paper
 * @property {string} section
 * @property {string[]} functions
 * @property {string} default
 * @property {string} flag of the trainer; several with commas; empty while the trainer does not offer the trick
 */

/** All tricks, in the order of the paper. @returns {Trick[]} */
export function readTricks() {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .map((name) => join(packages, name, 'trick.json'))
    .filter((path) => existsSync(path))
    .map(readJson)
    .sort((a, b) => a.section.localeCompare(b.section, 'en', { numeric: true }));
}

/** @param {Trick[]} tricks */
export function formatTable(tricks) {
  const rows = tricks.map((trick) => [
    `[${trick.name}](packages/${trick.name}/README.md)`,
    trick.tldr,
    trick.paper,
    codes(trick.functions),
    trick.default,
    trick.flag === '' ? 'not yet' : codes(trick.flag.split(', ')),
  ]);
  const head = ['Package', 'What it does', 'Paper', 'Functions', 'Default', 'Flag of the trainer'];
  const line = (/** @type {string[]} */ cells) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {string[]} words */
function codes(words) {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** @param {string} cell */
function escapeCell(cell) {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The text with the table between its markers replaced. @param {string} text @param {string} table */
export function replaceTable(text, table) {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start === -1 || end < start) {
    throw new Error(`README.md: expected the markers ${START} and ${END}, in this order.`);
  }
  return `${text.slice(0, start + START.length)}\n${table}\n${text.slice(end)}`;
}

if (isProgram(import.meta.url)) {
  await runAsProgram(async () => {
    const path = join(root, 'README.md');
    const text = readFileSync(path, 'utf8');
    const wanted = replaceTable(text, formatTable(readTricks()));
    if (process.argv.includes('--write')) writeFileSync(path, wanted);
    else if (wanted !== text) {
      throw new Error('README.md: the table of tricks is out of date. Run `pnpm docs:table`.');
    }
  });
}
