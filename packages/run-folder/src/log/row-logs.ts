import { join } from 'node:path';
import { badImageLog } from './bad-images.ts';
import type { Column } from './columns.ts';
import { csvLog } from './csv.ts';
import { combineHooks, type TrainHooks } from './hooks.ts';
import { jsonlLog } from './jsonl.ts';

/** Where a run goes on, and what its rows hold. */
export interface RowLogsOptions {
  readonly firstEpoch: number;
  readonly firstStep: number;
  /** Whether steps were counted otherwise before. Default: false. */
  readonly renumbered?: boolean | undefined;
  /** What tricks add. */
  readonly columns: readonly Column[];
  /** Names of the weights that are evaluated beside the network's own. */
  readonly others: readonly string[];
  /** Is told when rows are missing. */
  readonly say: (line: string) => void;
}

type OpenLog = (path: string, options: RowLogsOptions) => TrainHooks;

/** The logs of a run folder that grow by rows, by the names of their files. */
const rowLogs: Readonly<Record<string, OpenLog>> = {
  'summary.csv': csvLog,
  'metrics.jsonl': jsonlLog,
  'bad-images.jsonl': badImageLog,
};

/** Files that are on the disk before a checkpoint is, and are cut back to it when a run is resumed. */
export const rowFiles = Object.keys(rowLogs);

/**
 * Opens the logs of a run folder that grow by rows, each cut back to where the run goes on.
 *
 * @throws SaveError when that cannot be; the hooks too, for a run without its rows would not be the run that it was.
 */
export const openRowLogs = (runFolder: string, options: RowLogsOptions) =>
  combineHooks(Object.entries(rowLogs).map(([name, open]) => open(join(runFolder, name), options)));
