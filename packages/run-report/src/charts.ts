import type { Curve } from './curves.ts';
import { type RunFiles, TOP1 } from './run-files.ts';

type Values = Curve['mean'];

/** A line of a chart: thick, thick with its points, pale, or an edge of the band that two make. */
export interface Line {
  readonly label: string;
  readonly look: 'line' | 'points' | 'pale' | 'edge';
  readonly values: Values;
}

/** A chart as data; `draw.js` draws it in the browser. */
export interface Chart {
  readonly title: string;
  readonly unit: 'step' | 'epoch';
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  /** The epoch to mark. */
  readonly mark?: number;
  /** The base of a logarithmic axis; default: a linear one. */
  readonly log?: 2 | 10;
}

/** The exponential mean, corrected for what is missing before the first value. */
function smooth(values: Values, keep = 0.9): Values {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value !== null) {
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    return weight === 0 ? null : sum / weight;
  });
}

const extremes = ({ min, max }: Curve): [low: number, high: number] => {
  const there = (values: Values) => values.filter((value) => value !== null);
  return [
    there(min).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    there(max).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
};

const labels: Readonly<Record<string, string>> = { eval: 'evaluation' };

/** The columns of `summary.csv` whose names end so, with their weights as labels. */
function byEpoch({ epochs: { curves } }: RunFiles, title: string, ending: string): Chart[] {
  const lines = curves.names
    .filter((name) => name.endsWith(ending))
    .map((name): Line => {
      const weights = name.slice(0, -ending.length);
      const label = weights === '' ? title : (labels[weights] ?? weights);
      return { label, look: 'points', values: curves.curve(name).mean };
    });
  return lines.length === 0 ? [] : [{ title, unit: 'epoch', x: curves.x, lines }];
}

/** Values that jump from step to step: the band that they fill where a point stands for several, their means, and these smoothed. */
function noisy({ steps: { curves } }: RunFiles, name: string): Line[] {
  const { mean, min, max } = curves.curve(name);
  const count = curves.rowsInPoint;
  const band: Line[] = [
    { label: 'highest', look: 'edge', values: max },
    { label: 'lowest', look: 'edge', values: min },
  ];
  return [
    ...(count === 1 ? [] : band),
    { label: count === 1 ? 'each step' : `mean of ${count} steps`, look: 'pale', values: mean },
    { label: 'smoothed', look: 'line', values: smooth(mean) },
  ];
}

/** What has a chart by epoch, or none. */
const shownElsewhere = ['step', 'epoch', 'top1', 'imgPerSec', 'dataMs'];
const titles: Readonly<Record<string, string>> = { loss: 'Training loss', lr: 'Learning rate' };

/** `gradNorm` as 'Grad norm'. */
const spaced = (name: string) =>
  (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll(
    /(?<=[a-z])[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );

/** The base of the logarithmic axis that suits a range, or null: shares between 0 and 1, and what varies little, stay linear. */
function baseFor(low: number, high: number): 2 | 10 | null {
  if (low <= 0) return null;
  const arePowers = [low, high].every((value) => Number.isInteger(Math.log2(value)));
  if (arePowers && high >= 256) return 2;
  return high > 1 && high / low >= 100 ? 10 : null;
}

const isCounter = ({ min, max }: Curve) =>
  min.every((low, i) => Number.isInteger(low) && (i === 0 || low! >= (max[i - 1] ?? 0)));

/** Losses, learning rates and values of tricks by step; a value of a trick that never changes has no chart. */
function bySteps(run: RunFiles): Chart[] {
  const { curves } = run.steps;
  return curves.names.flatMap((name): Chart[] => {
    const curve = curves.curve(name);
    const [low, high] = extremes(curve);
    if (shownElsewhere.includes(name) || (low === high && !(name in titles))) return [];
    const title = titles[name] ?? spaced(name);
    const log = name in titles ? null : baseFor(low, high);
    const isPlain = log !== null || name === 'lr' || isCounter(curve);
    const line: Line = { label: title.toLowerCase(), look: 'line', values: curve.mean };
    const lines = isPlain ? [line] : noisy(run, name);
    return [{ title, unit: 'step', x: curves.x, lines, ...(log && { log }) }];
  });
}

const shortened = (values: Values) =>
  values.map((value) => (value === null ? null : Number(value.toPrecision(5))));

/** The charts of a run; those without a value are left out. */
export function chartsOf(run: RunFiles): Chart[] {
  const { best } = run.epochs;
  const accuracy = byEpoch(run, 'Top-1 accuracy (%)', TOP1);
  return [
    ...accuracy.map((chart) => ({ ...chart, ...(best && { mark: best.epoch }) })),
    ...byEpoch(run, 'Loss by epoch', '_loss'),
    ...bySteps(run),
    ...byEpoch(run, 'Training speed (images/s)', 'images_per_second'),
    ...byEpoch(run, 'Waiting for data (% of the time)', 'data_percent'),
  ].map((chart) => ({
    ...chart,
    lines: chart.lines.map((line) => ({ ...line, values: shortened(line.values) })),
  }));
}
