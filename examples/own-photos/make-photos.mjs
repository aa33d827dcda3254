// `node make-photos.mjs [--photos <folder>]`: draws three kinds of cloth, or takes the photographs of a folder that has a folder for each
// class. output/photos then holds those to learn from, and output/unseen one of each class that the network will not have seen.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@bag-of-tricks/random';
import sharp from 'sharp';

const perClass = 41;
/** What repeats on the cloth, in a tile of 16 by 16, and the first of the hues that it has, in degrees. */
const cloths = {
  checks: { tile: 'M0 0h8v8H0zM8 8h8v8H8z', hue: -40 },
  dots: { tile: 'M3 8a5 5 0 1 0 10 0a5 5 0 1 0-10 0z', hue: 80 },
  stripes: { tile: 'M0 0h8v16H0z', hue: 200 },
};

/** A folded cloth in two colours, turned, from near or far. @param {typeof cloths.dots} cloth @param {() => number} random */
function draw({ tile, hue }, random) {
  const between = (/** @type {number} */ low, /** @type {number} */ high) =>
    Math.round(low + (high - low) * random());
  const color = (/** @type {number} */ low, /** @type {number} */ high) =>
    `hsl(${between(hue, hue + 80)}, ${between(20, 80)}%, ${between(low, high)}%)`;
  const place = `rotate(${between(0, 180)}) scale(${between(60, 110) / 100}) translate(${between(0, 16)})`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">
    <pattern id="cloth" width="16" height="16" patternUnits="userSpaceOnUse" patternTransform="${place}">
      <rect width="16" height="16" fill="${color(65, 95)}"/><path d="${tile}" fill="${color(10, 40)}"/>
    </pattern>
    <filter id="folds">
      <feTurbulence type="fractalNoise" baseFrequency="0.05" numOctaves="3" seed="${between(0, 1e6)}"/>
      <feDisplacementMap in="SourceGraphic" scale="8"/>
    </filter>
    <rect x="-20" y="-20" width="100" height="100" fill="url(#cloth)" filter="url(#folds)"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

/** Renamed when all is in it. */
const partial = join('output', 'partial');

/** Where the picture of a class goes: the first one is kept back. @param {string} name @param {number} i @param {string} extension */
function placeFor(name, i, extension) {
  const path = i === 0 ? join('unseen', name) : join('photos', name, String(i));
  const file = join(partial, `${path}${extension}`);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

/** What a folder holds that is not hidden, as `.git` and `.DS_Store` are. @param {string} folder */
function entriesOf(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`expected ${folder} to be a folder`);
  }
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith('.'));
}

/** The photographs of each class. @param {string} folder */
function findPhotos(folder) {
  const classes = entriesOf(folder).filter((entry) => entry.isDirectory());
  if (classes.length < 2) {
    throw new Error(
      `expected a folder for each of two classes or more in ${folder}, got ${classes.length}`,
    );
  }
  return classes.map(({ name }) => {
    const path = join(folder, name);
    const entries = entriesOf(path);
    const inner = entries.find((entry) => entry.isDirectory());
    if (inner) throw new Error(`expected photographs in ${path}, got the folder ${inner.name}`);
    const files = entries
      .map((entry) => join(path, entry.name))
      .filter((file) => /^\.(jpe?g|png|webp|gif)$/i.test(extname(file)))
      .sort();
    if (files.length > 1) return { name, files };
    throw new Error(`expected two photographs or more in ${path}, got ${files.length}`);
  });
}

process.on('uncaughtException', ({ message }) => {
  console.error(`make-photos: ${message}`);
  process.exit(1);
});
const { photos } = parseArgs({ options: { photos: { type: 'string' } } }).values;
if (existsSync('output/photos')) {
  throw new Error('output/photos is there. Remove output to begin anew');
}
const found = photos === undefined ? [] : findPhotos(photos);
rmSync(partial, { recursive: true, force: true });
for (const { name, files } of found) {
  for (const [i, file] of files.entries()) cpSync(file, placeFor(name, i, extname(file)));
}
for (const [name, cloth] of photos === undefined ? Object.entries(cloths) : []) {
  for (let i = 0; i < perClass; i++) {
    writeFileSync(placeFor(name, i, '.jpg'), await draw(cloth, seededRandom(1, name, i)));
  }
}
rmSync('output/unseen', { recursive: true, force: true });
for (const name of ['unseen', 'photos']) renameSync(join(partial, name), join('output', name));
rmdirSync(partial);
const classes = readdirSync('output/photos').join(', ');
console.log(`output/photos: ${classes}; one picture of each is in output/unseen`);
