import { ladderRows, teacherName } from './rows.ts';
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

const begin = '<!-- table: begin -->';
const end = '<!-- table: end -->';

/** The rows that have finished runs, in the ladder's order; the teacher and PyTorch's row last. */
export function tableLines(runs: readonly Run[]): Line[] {
  const rows = [
    ...ladderRows({ epochs: 8, bf16: true, teacher: '' }),
    { name: teacherName, change: 'teacher: resnet56d' },
  ];
  return rows.flatMap(({ name, change }) => {
    const own = runs.filter(({ row }) => row === name);
    if (own.length === 0) return [];
    const mean = own.reduce((sum, { top1 }) => sum + top1, 0) / own.length;
    const squares = own.reduce((sum, { top1 }) => sum + (top1 - mean) ** 2, 0);
    const spread = own.length > 1 ? Math.sqrt(squares / (own.length - 1)) : null;
    return [{ row: name, change, runs: own, mean, spread }];
  });
}

/** A row's difference to the row before it is taken over the seeds that both have. */
export function formatTable(lines: readonly Line[]): string {
  if (lines.length === 0) return 'No run folders are committed yet.';
  const table = lines.map((line, i) => {
    const before = line.row === teacherName ? undefined : lines[i - 1];
    const speed = line.runs.reduce((sum, run) => sum + run.imagesPerSecond, 0) / line.runs.length;
    const cells = [
      line.row,
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

function formatDifference(line: Line, before: Line): string {
  const differences = line.runs.flatMap(({ seed, top1 }) => {
    const other = before.runs.find((run) => run.seed === seed);
    return other === undefined ? [] : [top1 - other.top1];
  });
  if (differences.length === 0) return '';
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return (mean < 0 ? '' : '+') + mean.toFixed(2);
}

/** The README with the table between its markers. */
export function withTable(readme: string, table: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`withTable: expected the markers ${begin} and ${end} in the README.`);
  }
  return `${readme.slice(0, from + begin.length)}\n${table}\n${readme.slice(to)}`;
}

/** A page with a bar a row and a line over the seeds' range. Inline SVG names no address, as a file of its own must. */
export function drawLadder(lines: readonly Line[]): string {
  if (lines.length === 0) return '<!doctype html>\n<p>No run folders are committed yet.</p>\n';
  const values = lines.flatMap(({ runs }) => runs.map(({ top1 }) => top1));
  const low = Math.max(0, Math.floor(Math.min(100, ...values)) - 2);
  const high = Math.min(100, Math.ceil(Math.max(0, ...values)) + 1);
  const x = (top1: number) => (170 + (400 * (top1 - low)) / Math.max(1, high - low)).toFixed(1);
  const bars = lines.map(({ row, mean, runs }, i) => {
    const y = 10 + 26 * i;
    const seeds = runs.map(({ top1 }) => top1);
    return [
      `<text x="160" y="${y + 14}" text-anchor="end">${row}</text>`,
      `<rect x="170" y="${y}" width="${(Number(x(mean)) - 170).toFixed(1)}" height="20" fill="#7aa6c2"/>`,
      `<path d="M${x(Math.min(...seeds))} ${y + 10}H${x(Math.max(...seeds))}" stroke="#222" stroke-width="2"/>`,
      `<text x="580" y="${y + 14}">${mean.toFixed(2)} %</text>`,
    ].join('\n');
  });
  const height = 36 + 26 * lines.length;
  return [
    '<!doctype html>',
    '<meta charset="utf-8">',
    '<title>Top-1 by row</title>',
    `<svg viewBox="0 0 650 ${height}" font-family="sans-serif" font-size="13">`,
    ...bars,
    `<text x="170" y="${height - 8}">top-1, bars start at ${low} %</text>`,
    '</svg>\n',
  ].join('\n');
}
