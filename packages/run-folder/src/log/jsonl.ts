import type { Column, jsonlNames } from './columns.ts';
import type { TrainHooks } from './hooks.ts';
import { memberOf, openLog } from './rows.ts';

/** Options of `jsonlLog`. */
export interface JsonlLogOptions {
  /** Lines of earlier epochs stay, whatever their steps are: with other processes an epoch has others. Default: 0. */
  readonly firstEpoch?: number;
  readonly firstStep: number;
  /** Whether steps were counted otherwise before, so that the last line's number says nothing. Default: false. */
  readonly renumbered?: boolean | undefined;
  readonly columns?: readonly Column[];
  /** Is told when rows are missing. */
  readonly say?: ((line: string) => void) | undefined;
}

/** Writes `metrics.jsonl`, an object a step; lines of steps that a resumed run takes again are dropped first. */
export function jsonlLog(
  path: string,
  { firstEpoch = 0, firstStep, renumbered = false, columns = [], say }: JsonlLogOptions,
): TrainHooks {
  const rows = openLog(path, {
    say,
    stays: (line) => memberOf(line, 'epoch') < firstEpoch || memberOf(line, 'step') <= firstStep,
    isLast:
      firstStep > 0 && !renumbered ? (line) => memberOf(line, 'step') === firstStep : undefined,
  });
  return {
    onBatchEnd({ step, epoch, loss, top1, learningRate, values, ...log }) {
      const { batchSize, seconds, dataSeconds } = log;
      const added = columns.flatMap(({ jsonl, value }) => (jsonl ? [[jsonl, values[value]]] : []));
      const entry: Readonly<Record<(typeof jsonlNames)[number], number>> = {
        ...{ step, epoch, loss, top1, lr: learningRate },
        ...Object.fromEntries(added),
        imgPerSec: Number((batchSize / seconds).toFixed(1)),
        dataMs: Number((dataSeconds * 1000).toFixed(2)),
      };
      rows.append(JSON.stringify(entry));
    },
  };
}
