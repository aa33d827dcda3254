import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainHooks } from '../log/hooks.ts';

/** Prints lines on the terminal and, once the run folder is known, keeps them in its `train.log`. */
export function createPrinter(): {
  readonly print: (line: string) => void;
  readonly hooks: TrainHooks;
  readonly close: () => void;
} {
  const early: string[] = [];
  let log: number | null = null;
  return {
    print(line) {
      process.stdout.write(`${line}\n`);
      if (log === null) early.push(line);
      else writeSync(log, `${line}\n`);
    },
    hooks: {
      name: 'train.log',
      onTrainBegin({ runFolder }) {
        log = openSync(join(runFolder, 'train.log'), 'a');
        for (const line of early.splice(0)) writeSync(log, `${line}\n`);
      },
    },
    close() {
      if (log !== null) closeSync(log);
    },
  };
}
