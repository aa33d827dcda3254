import { openRows } from '@bag-of-tricks/durable-files';
import type { jsonlNames } from '../log-columns.ts';
import type { Column } from '../tricks/trick.ts';
import type { TrainHooks } from './hooks.ts';

/** The step of a line, or infinity for one that is none. */
function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as { step: number }).step;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Writes `metrics.jsonl`, an object a step; lines of steps that a resumed run takes again are dropped first. */
export function jsonlLog(
  path: string,
  { firstStep, columns = [] }: { readonly firstStep: number; readonly columns?: readonly Column[] },
): TrainHooks {
  const rows = openRows(path, { stays: (line) => stepOf(line) <= firstStep });
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
