import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeWholeSync } from '@bag-of-tricks/durable-files';
import { chartsOf } from './charts.ts';
import { reportPage } from './page.ts';
import { followRun, type RunFiles } from './run-files.ts';

/** Keeps the report of a run that goes on. */
export interface ReportWriter {
  /** Where the report is. */
  readonly path: string;
  /** Reads what the run has added and writes the report anew; does nothing when nothing was added. */
  update(): void;
}

const duration = (seconds: number) => {
  const total = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
};

/** A scalar at the top level of `args.yaml`. */
const setting = (args: string, name: string) =>
  new RegExp(`^${name}: (.+)$`, 'm').exec(args)?.[1] ?? null;

/** The figures at the head of the page; what is not known is left out. */
function factsOf({ steps, epochs }: RunFiles, args: string): Record<string, string> {
  const { best, last, count, stalled } = epochs;
  const whole = setting(args, 'epochs');
  const patience = Number(setting(args, 'patience') ?? Number.NaN);
  const hasEnded = stalled >= patience && count < Number(whole);
  const facts = {
    Network: setting(args, 'model'),
    Data: setting(args, 'dataset'),
    'Epochs done': whole === null ? String(count) : `${count} of ${whole}`,
    'Ended early': hasEnded ? `no better evaluation in ${stalled} in a row` : null,
    'Best top-1':
      best &&
      `${best.top1.toFixed(2)} % (epoch ${best.epoch}${best.weights === 'eval' ? '' : `, ${best.weights}`})`,
    'Last top-1': last.eval_top1 != null ? `${last.eval_top1.toFixed(2)} %` : null,
    'Steps taken': steps.last.step?.toLocaleString('en'),
    'Training time': count > 0 ? duration(epochs.seconds) : null,
    'Lines that cannot be read': steps.damaged > 0 ? String(steps.damaged) : null,
  };
  return Object.fromEntries(
    Object.entries(facts).filter((one): one is [string, string] => one[1] != null),
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Keeps `report.html` in a run folder, from its `metrics.jsonl`, `summary.csv`, `args.yaml` and `env.json`. An update reads the lines
 * that are new, and the page has at most 1,024 points a curve: what it costs does not grow with the run. The first one reads all.
 * What is missing of the files is left out of the page.
 *
 * @example
 * ```ts no-run
 * import { reportWriter } from '@bag-of-tricks/run-report';
 *
 * const report = reportWriter('output/train/20261125-101500-resnet20d-28');
 * setInterval(() => report.update(), 60_000);
 * ```
 */
export function reportWriter(runFolder: string): ReportWriter {
  const path = join(runFolder, 'report.html');
  const run = followRun(resolve(runFolder));
  let isWritten = false;
  return {
    path,
    update() {
      if (!run.update() && isWritten) return;
      isWritten = false;
      const args = readIfThere(join(runFolder, 'args.yaml'));
      const env = readIfThere(join(runFolder, 'env.json'));
      const page = reportPage({
        title: basename(resolve(runFolder)),
        facts: factsOf(run, args ?? ''),
        charts: chartsOf(run),
        files: {
          ...(args !== null && { Configuration: args }),
          ...(env !== null && { Machine: env }),
        },
      });
      // Not waited for until the disk has it: it can be made again.
      writeWholeSync(path, page, { fsync: false });
      isWritten = true;
    },
  };
}

const marks = ['summary.csv', 'metrics.jsonl'];

/**
 * Writes `report.html` of a run folder once, of a finished run or of one that goes on.
 *
 * @returns Its path.
 * @example
 * ```ts no-run
 * import { writeReport } from '@bag-of-tricks/run-report';
 *
 * console.log(writeReport('results/runs/mixup-seed42')); // results/runs/mixup-seed42/report.html
 * ```
 * @throws Error when the folder holds neither `summary.csv` nor `metrics.jsonl`, and what the file system throws.
 */
export function writeReport(runFolder: string): string {
  const isRun = marks.some((name) => statSync(join(runFolder, name), { throwIfNoEntry: false }));
  if (!isRun) {
    throw new Error(
      `writeReport: expected a run folder, with ${marks.join(' or ')} in it, got ${runFolder}. Check the path.`,
    );
  }
  const report = reportWriter(runFolder);
  report.update();
  return report.path;
}
