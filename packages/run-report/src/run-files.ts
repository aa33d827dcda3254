import { join } from 'node:path';
import { type Curves, growingCurves, type Row } from './curves.ts';
import { type Fold, foldLines } from './fold-lines.ts';

/** The best accuracy of an epoch, and of which weights it is. */
export interface Best {
  readonly epoch: number;
  readonly top1: number;
  readonly weights: string;
}

/** `metrics.jsonl` so far. */
export interface Steps extends Fold {
  readonly curves: Curves;
  readonly last: Row;
  /** Lines that are no JSON object with a step. */
  readonly damaged: number;
}

/** `summary.csv` so far. */
export interface Epochs extends Fold {
  readonly curves: Curves;
  readonly last: Row;
  readonly best: Best | null;
  readonly count: number;
  /** Evaluations in a row, up to the last one, that were no better than the best. */
  readonly stalled: number;
  readonly seconds: number;
}

/** What ends the names of accuracies in `summary.csv`; what stands before it are the weights. */
export const TOP1 = '_top1';

function foldSteps(): Steps {
  const curves = growingCurves();
  let [last, damaged]: [Row, number] = [{}, 0];
  return {
    add(line) {
      try {
        const row = JSON.parse(line) as Row;
        if (typeof row.step !== 'number') throw new TypeError('no step');
        last = row;
        curves.add(row.step, row);
      } catch {
        damaged += 1;
      }
    },
    curves,
    get last() {
      return last;
    },
    get damaged() {
      return damaged;
    },
  };
}

function foldEpochs(): Epochs {
  const curves = growingCurves();
  let header: readonly string[] | null = null;
  let [last, best, count, seconds]: [Row, Best | null, number, number] = [{}, null, 0, 0];
  let stalled = 0;
  return {
    add(line) {
      if (header === null) {
        header = line.split(',');
        return;
      }
      const cells = line.split(',');
      const value = (i: number) => {
        const number = Number.parseFloat(cells[i] ?? '');
        return Number.isFinite(number) ? number : null;
      };
      last = Object.fromEntries(header.map((name, i) => [name, value(i)]));
      const epoch = last.epoch ?? count;
      count += 1;
      seconds += last.epoch_seconds ?? 0;
      curves.add(epoch, last);
      if (last[`eval${TOP1}`] != null) stalled += 1;
      for (const [name, top1] of Object.entries(last)) {
        if (!name.endsWith(TOP1) || name === `train${TOP1}` || top1 === null) continue;
        if (best !== null && top1 <= best.top1) continue;
        best = { epoch, top1, weights: name.slice(0, -TOP1.length) };
        stalled = 0;
      }
    },
    curves,
    get last() {
      return last;
    },
    get best() {
      return best;
    },
    get stalled() {
      return stalled;
    },
    get count() {
      return count;
    },
    get seconds() {
      return seconds;
    },
  };
}

/** The files of a run folder that grow, read as far as they were at the last `update`. */
export interface RunFiles {
  readonly steps: Steps;
  readonly epochs: Epochs;
  /** Returns whether there was anything new. */
  update(): boolean;
}

/** Follows `metrics.jsonl` and `summary.csv` of a run folder. */
export function followRun(runFolder: string): RunFiles {
  const steps = foldLines(join(runFolder, 'metrics.jsonl'), foldSteps);
  const epochs = foldLines(join(runFolder, 'summary.csv'), foldEpochs);
  return {
    get steps() {
      return steps.fold;
    },
    get epochs() {
      return epochs.fold;
    },
    update: () => [steps.update(), epochs.update()].some(Boolean),
  };
}
