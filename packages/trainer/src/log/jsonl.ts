import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Column } from '@bag-of-tricks/train-step';
import type { jsonlNames } from '../log-columns.ts';
import type { TrainHooks } from './hooks.ts';

/** The step of a line, or infinity for one that a kill cut off. */
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
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => line !== '' && stepOf(line) <= firstStep);
  writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
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
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
    },
  };
}
