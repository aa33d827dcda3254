// `node make-photos.mjs [--photos <folder>]`: draws three kinds of cloth, or takes the photographs of a folder that has a folder for each
// class. output/photos then holds those to learn from, and output/unseen one of each class that the network will not have seen.
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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

/** Where the picture of a class goes: the first one is kept back. @param {string} name @param {number} i @param {string} extension */
function placeFor(name, i, extension) {
  const path = i === 0 ? join('unseen', name) : join('photos', name, String(i));
  const file = join('output', `${path}${extension}`);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

const { photos } = parseArgs({ options: { photos: { type: 'string' } } }).values;
if (existsSync('output/photos'))
  throw new Error('output/photos is there. Remove output to begin anew');
if (photos === undefined) {
  for (const [name, cloth] of Object.entries(cloths)) {
    for (let i = 0; i < perClass; i++) {
      writeFileSync(placeFor(name, i, '.jpg'), await draw(cloth, seededRandom(1, name, i)));
    }
  }
} else {
  const entries = readdirSync(photos, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    for (const [i, file] of readdirSync(join(photos, name)).sort().entries()) {
      cpSync(join(photos, name, file), placeFor(name, i, extname(file)));
    }
  }
}
const classes = readdirSync('output/photos').join(', ');
console.log(`output/photos: ${classes}; one picture of each is in output/unseen`);
