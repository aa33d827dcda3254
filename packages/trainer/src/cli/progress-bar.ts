import { formatDuration } from '@bag-of-tricks/run-folder';

/** How far a job is. */
export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** Of `done`, what was there before; it says nothing about the speed. */
  readonly kept: number;
}

const width = 24;

/** A bar, a count, the speed and the time that is left, on one line; without the bar, or cut, where the line would be wider. */
export function formatProgress(
  title: string,
  { done, total, kept }: JobProgress,
  {
    seconds,
    columns = Number.POSITIVE_INFINITY,
  }: { seconds: number; columns?: number | undefined },
): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * width);
  const bar = `${'='.repeat(filled)}${' '.repeat(width - filled)}`;
  const speed = seconds > 0 ? (done - kept) / seconds : 0;
  const left = speed > 0 ? formatDuration((total - done) / speed) : '-:--:--';
  const count = `${done}/${total} (${Math.floor(100 * share)}%)  ${speed.toFixed(1)}/s  ETA: ${left}`;
  const line = `${title} [${bar}] ${count}`;
  return line.length <= columns ? line : `${title} ${count}`.slice(0, columns);
}

/** A terminal, or a file that lines go to. */
export interface Output {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  write(text: string): void;
}

/** Of a terminal that says how wide it is: the one that mpirun makes says 0. */
export const columnsOf = ({ columns }: Pick<Output, 'columns'>): number | undefined =>
  columns || undefined;

/** Shows a job's progress: a bar that moves on a terminal, a line for each tenth elsewhere. */
export interface ProgressBar {
  update(progress: JobProgress): void;
  /** Prints a line and keeps the bar below it. */
  print(line: string): void;
}

const redrawMs = 100;

/** `now` returns milliseconds. */
export function createProgressBar(
  output: Output,
  { title, now = () => performance.now() }: { readonly title: string; readonly now?: () => number },
): ProgressBar {
  const started = now();
  let drawn = Number.NEGATIVE_INFINITY;
  let shown = '';
  let tenth = -1;
  const clear = output.isTTY ? '\r\u001b[K' : '';
  return {
    update(progress) {
      const { done, total } = progress;
      const seconds = (now() - started) / 1000;
      const line = formatProgress(title, progress, { seconds, columns: columnsOf(output) });
      if (output.isTTY) {
        if (now() - drawn < redrawMs && done < total) return;
        drawn = now();
        shown = done < total ? line : '';
        output.write(`${clear}${line}${done < total ? '' : '\n'}`);
        return;
      }
      const reached = total === 0 ? 10 : Math.floor((10 * done) / total);
      if (reached === tenth) return;
      tenth = reached;
      output.write(`${line}\n`);
    },
    print(line) {
      output.write(`${clear}${line}\n${shown}`);
    },
  };
}
