// pnpm platforms [folder]: reads what the libraries in TensorFlow's wheels export, for every system, and writes platforms.json and PLATFORMS.md.
// Fails if a function that our code calls is missing. pip fetches 2.2 GB into the folder, or finds them there; without one they are deleted.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calledFunctions } from './called-functions.ts';
import { formatPlatforms, missing, type WheelTable } from './table.ts';
import { readWheel, WHEELS } from './wheels.ts';

const scratch = mkdtempSync(join(tmpdir(), 'platforms-'));
try {
  const { version, functions } = await calledFunctions();
  const wheels: WheelTable[] = [];
  for (const wheel of WHEELS) {
    const unpacked = join(scratch, 'unpacked');
    const folder = process.argv[2] ?? join(scratch, 'wheel');
    mkdirSync(folder, { recursive: true });
    const table = await readWheel(wheel, functions, folder, unpacked);
    wheels.push(table);
    const lacks = missing(table, functions);
    if (lacks.length > 0) process.exitCode = 1;
    console.log(`${table.wheel}: ${lacks.length === 0 ? 'has all' : `lacks ${lacks.join(', ')}`}`);
    rmSync(unpacked, { recursive: true });
    rmSync(join(scratch, 'wheel'), { recursive: true, force: true });
  }
  const platforms = { tensorflow: version, wheels };
  const here = (name: string) => new URL(`../${name}`, import.meta.url);
  writeFileSync(here('platforms.json'), `${JSON.stringify(platforms, null, 2)}\n`);
  writeFileSync(here('PLATFORMS.md'), formatPlatforms(platforms, functions.length));
} finally {
  rmSync(scratch, { recursive: true });
}
