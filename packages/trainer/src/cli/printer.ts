import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainHooks } from '@bag-of-tricks/run-folder';
import { printable } from '@bag-of-tricks/run-folder';
import { columnsOf } from './progress-bar.ts';

/** Where the lines of a run go. */
export interface Printer {
  /** To the terminal and to the log. */
  readonly print: (line: string) => void;
  readonly toTerminal: (line: string) => void;
  /** To `train.log` in the run folder, once that is known. */
  readonly toLog: (line: string) => void;
  readonly hooks: TrainHooks;
  readonly close: () => void;
}

/** The line in parts of at most so many columns, broken at spaces; a longer word, such as a path, stays whole. */
export function wrapped(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if (current !== '' && (current + word).length > columns) {
      lines.push(current);
      current = ` ${word}`;
    } else current += word;
  }
  return [...lines, current];
}

/** Prints lines on the terminal and keeps them in `train.log`; nothing in them acts on a terminal. A log that cannot be written never stops a run. */
export function createPrinter(): Printer {
  const early: string[] = [];
  let log: number | null | 'lost' = null;
  const toTerminal = (line: string) => {
    const lines = wrapped(printable(line), columnsOf(process.stdout) ?? Number.POSITIVE_INFINITY);
    process.stdout.write(lines.map((one) => `${one}\n`).join(''));
  };
  const writing = (write: () => void) => {
    try {
      write();
    } catch (error) {
      log = 'lost';
      toTerminal(`train.log: ${(error as Error).message}. Its further lines are lost`);
    }
  };
  const toLog = (line: string) => {
    if (log === null) early.push(line);
    else if (log !== 'lost') writing(() => writeSync(log as number, `${printable(line)}\n`));
  };
  return {
    print(line) {
      toTerminal(line);
      toLog(line);
    },
    toTerminal,
    toLog,
    hooks: {
      name: 'train.log',
      onTrainBegin({ runFolder }) {
        writing(() => {
          log = openSync(join(runFolder, 'train.log'), 'a');
        });
        early.splice(0).forEach(toLog);
      },
    },
    close() {
      if (typeof log === 'number') closeSync(log);
    },
  };
}
