import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean } from '@bag-of-tricks/bench/statistics';
import { type Run, readEpochs, readRuns } from '../run-folders.ts';
import { sampleDeviation } from '../table.ts';
import { epochsOf, type Way, ways } from './recipe.ts';

/** Load average at the end of a run from which on others took part of two cores; training alone makes 2 to 3. */
const busy = 4;

/** A finished run with its times. */
interface TimedRun extends Run {
  /** Of training, without evaluation, until the first epoch within a point of the run's best. */
  readonly secondsToBest: number;
  /** Of the whole command, from its start to its end. */
  readonly seconds: number;
  /** Whether the machine did little else, so that the times mean something. */
  readonly quiet: boolean;
}

function withTimes(runsFolder: string, run: Run): TimedRun {
  const folder = join(runsFolder, run.folder);
  const epochs = readEpochs(folder);
  const top1 = epochs.map((epoch) => Number(epoch.eval_top1));
  const near = top1.findIndex((value) => value >= Math.max(...top1) - 1);
  const secondsToBest = epochs
    .slice(0, near + 1)
    .reduce((sum, epoch) => sum + Number(epoch.epoch_seconds), 0);
  const { seconds, load } = JSON.parse(readFileSync(join(folder, 'wall.json'), 'utf8'));
  return { ...run, secondsToBest, seconds, quiet: load < busy };
}

const meanOf = (values: readonly number[]) => (values.length === 0 ? '–' : mean(values).toFixed(0));

/** Ours to PyTorch's, over the seeds that both have: above 1 is faster. */
function speedRatio(runs: readonly Run[], pytorch: readonly Run[]): string {
  const ratios = runs.flatMap(({ seed, imagesPerSecond }) =>
    pytorch.filter((run) => run.seed === seed).map((run) => imagesPerSecond / run.imagesPerSecond),
  );
  return ratios.length === 0 ? '–' : mean(ratios).toFixed(2);
}

function spread(values: readonly number[]): string {
  const deviation = sampleDeviation(values);
  return mean(values).toFixed(2) + (deviation === null ? '' : ` ± ${deviation.toFixed(2)}`);
}

/** A row for each size and way that has finished runs. */
export function fineTuningTable(runsFolder: string): string {
  const runs = readRuns(runsFolder);
  const names = Object.keys(ways) as Way[];
  const rows = Object.entries(epochsOf).flatMap(([images, epochs]) => {
    const of = (way: Way) =>
      runs.filter(({ row }) => row === `${way}-${images}`).map((run) => withTimes(runsFolder, run));
    const pytorch = of('pytorch').filter(({ quiet }) => quiet);
    return names.flatMap((way) => {
      const own = of(way);
      const timed = own.filter(({ quiet }) => quiet);
      if (own.length === 0) return [];
      const cells = [
        `${Number(images).toLocaleString('en')}, ${epochs} epochs`,
        ways[way],
        own.map(({ seed, top1 }) => `${seed}: ${top1.toFixed(2)}`).join(', '),
        spread(own.map(({ top1 }) => top1)),
        meanOf(timed.map(({ imagesPerSecond }) => imagesPerSecond)),
        way === 'pytorch' ? '' : speedRatio(timed, pytorch),
        meanOf(timed.map(({ secondsToBest }) => secondsToBest)),
        meanOf(timed.map(({ seconds }) => seconds)),
        `\`runs/${way}-${images}-seed*\``,
      ];
      return [`| ${cells.join(' | ')} |`];
    });
  });
  if (rows.length === 0) return 'No run folders are committed yet.';
  return [
    '| Images | Way | Top-1 % by seed | Mean | img/s | × PyTorch | To best − 1, s | Command, s | Run folders |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
