import { mean } from '@bag-of-tricks/bench/statistics';
import { allRows, comparedName, pytorchName, teacherName } from './rows.ts';
import type { Run } from './run-folders.ts';

/** The finished runs of one row together. */
export interface Line {
  readonly row: string;
  readonly change: string;
  readonly runs: readonly Run[];
  readonly mean: number;
  /** Sample standard deviation between seeds, or null for one seed. */
  readonly spread: number | null;
}

/** Between seeds; null for one. */
export function sampleDeviation(values: readonly number[]): number | null {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null;
}

/** The rows that have finished runs: the ladder, then the teacher and PyTorch's. */
export function tableLines(runs: readonly Run[]): Line[] {
  const rows = allRows({ epochs: 8, bf16: true, teacher: '' });
  const isBeside = (name: string) => name === teacherName || name === pytorchName;
  return [
    ...rows.filter(({ name }) => !isBeside(name)),
    ...rows.filter(({ name }) => isBeside(name)),
  ].flatMap(({ name, change }) => {
    const own = runs.filter(({ row }) => row === name);
    if (own.length === 0) return [];
    const top1 = own.map((run) => run.top1);
    const spread = sampleDeviation(top1);
    return [{ row: name, change, runs: own, mean: mean(top1), spread }];
  });
}

/** A row's difference to the row before it (PyTorch's: to ours) is taken over the seeds that both have. */
export function formatTable(lines: readonly Line[]): string {
  if (lines.length === 0) return 'No run folders are committed yet.';
  const table = lines.map((line, i) => {
    const before = lineToCompare(lines, i);
    const speed = mean(line.runs.map(({ imagesPerSecond }) => imagesPerSecond));
    const cells = [
      `\`${line.row}\``,
      line.change,
      line.runs.map(({ seed, top1 }) => `${seed}: ${top1.toFixed(2)}`).join(', '),
      line.mean.toFixed(2) + (line.spread === null ? '' : ` ± ${line.spread.toFixed(2)}`),
      before === undefined ? '' : formatDifference(line, before),
      speed.toFixed(0),
      line.runs.map(({ folder }) => `\`runs/${folder}\``).join(' '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| Row | Change | Top-1 % by seed | Mean | Δ | img/s | Run folder |',
    '|---|---|---|---|---|---|---|',
    ...table,
  ].join('\n');
}

function lineToCompare(lines: readonly Line[], index: number): Line | undefined {
  const { row } = lines[index]!;
  if (row === teacherName) return undefined;
  return row === pytorchName ? lines.find((one) => one.row === comparedName) : lines[index - 1];
}

function formatDifference(line: Line, before: Line): string {
  const differences = line.runs.flatMap(({ seed, top1 }) => {
    const other = before.runs.find((run) => run.seed === seed);
    return other === undefined ? [] : [top1 - other.top1];
  });
  if (differences.length === 0) return '';
  const difference = mean(differences);
  return (difference < 0 ? '' : '+') + difference.toFixed(2);
}

/** The README with the table between the markers of its name. */
export function withTable(readme: string, table: string, name = 'table'): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`withTable: expected the markers ${begin} and ${end} in the README.`);
  }
  return `${readme.slice(0, from + begin.length)}\n${table}\n${readme.slice(to)}`;
}
