import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@bag-of-tricks/random';
import {
  differences,
  type Fingerprint,
  fingerprintOf,
  hasCheckpoint,
  lostBest,
  pointedTo,
} from '../run/fingerprint.ts';
import { trainCommand } from './command.ts';
import { writeImageFolder } from './image-folder.ts';
import { side } from './plugin.ts';

const runName = 'run';
const plugin = ['--plugin', fileURLToPath(new URL('../../dist/kills/plugin.js', import.meta.url))];

/** Float16 with loss scaling, weight averages, gradients in parts, and images from files, with checkpoints within the epochs. */
const flags = (images: string): string[] => [
  ...['--data-dir', images, '--image-size', String(side), '--model', 'linear'],
  ...['--epochs', '4', '--warmup-epochs', '1', '--batch-size', '4', '--checkpoint-interval', '2'],
  ...['--amp', '--amp-dtype', 'float16', '--ema', '--grad-accum-steps', '2', '--no-compile'],
  ...['--output', '.', '--experiment', runName, ...plugin],
];

/** Kills of one run; after them it goes on to its end, and is compared. */
const killsPerRun = 5;

/** What `randomKills` found. */
export interface KillReport {
  readonly kills: number;
  readonly runs: number;
  readonly faults: readonly string[];
}

interface Setting {
  readonly scratch: string;
  readonly images: string;
  readonly reference: Fingerprint;
  readonly steps: number;
  /** How long the uninterrupted run took after its first line. */
  readonly seconds: number;
  readonly random: () => number;
}

async function openSetting(random: () => number): Promise<Setting> {
  const scratch = mkdtempSync(join(tmpdir(), 'kills-'));
  const images = join(scratch, 'images');
  await writeImageFolder(images);
  const folder = join(scratch, 'uninterrupted');
  mkdirSync(folder);
  const { code, stderr, seconds } = await trainCommand(flags(images), { folder });
  if (code !== 0)
    throw new Error(`random kills: the uninterrupted run ended with ${code}: ${stderr}`);
  const run = join(folder, runName);
  const [reference, steps] = [fingerprintOf(run), stepsIn(run)];
  return { scratch, images, random, seconds, reference, steps };
}

/** Steps that the last checkpoint stands for; 0 when there is none. */
const stepsIn = (run: string): number =>
  Number(pointedTo(run, 'last')?.match(/step-(\d+)/)?.[1] ?? 0);

/** Runs, kills and resumes one run, then lets it end; returns how often it was killed and what is wrong with it. */
async function killedRun(
  most: number,
  { scratch, images, reference, steps, seconds, random }: Setting,
): Promise<{ kills: number; faults: readonly string[] }> {
  const folder = mkdtempSync(join(scratch, 'run-'));
  const run = join(folder, runName);
  const moments: string[] = [];
  for (;;) {
    const begun = hasCheckpoint(run);
    if (!begun) rmSync(run, { recursive: true, force: true });
    const left = moments.length < most;
    const killAfter = seconds * (1 - (begun ? stepsIn(run) / steps : 0)) * random();
    const args = begun ? ['--resume', runName, ...plugin] : flags(images);
    const ended = await trainCommand(args, { folder, ...(left && { killAfter }) });
    if (ended.signal === 'SIGKILL') {
      moments.push(`${killAfter.toFixed(3)} s at step ${stepsIn(run)}`);
      continue;
    }
    const after = `killed after ${moments.join(', ')}`;
    if (ended.code !== 0) {
      return { kills: moments.length, faults: [`${after}: code ${ended.code}: ${ended.stderr}`] };
    }
    const lost = lostBest(run);
    const wrong = [...(lost ? [lost] : []), ...differences(reference, fingerprintOf(run))];
    rmSync(folder, { recursive: true });
    return { kills: moments.length, faults: wrong.map((line) => `${after}: ${line}`) };
  }
}

/** Kills runs of the command line at random instants, so often in all, and compares each with the uninterrupted one. */
export async function randomKills(
  count: number,
  { seed, workers }: { readonly seed: number; readonly workers: number },
): Promise<KillReport> {
  const setting = await openSetting(seededRandom(seed));
  const faults: string[] = [];
  let [kills, runs, claimed] = [0, 0, 0];
  const work = async () => {
    while (claimed < count) {
      const most = Math.min(killsPerRun, count - claimed);
      claimed += most;
      const done = await killedRun(most, setting);
      // A run that ended before its last kill leaves that kill to another run.
      claimed -= most - done.kills;
      kills += done.kills;
      runs++;
      faults.push(...done.faults);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
    return { kills, runs, faults };
  } finally {
    rmSync(setting.scratch, { recursive: true, force: true });
  }
}
