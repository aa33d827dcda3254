/** Relative differences from timm in float64. */
export interface Differences {
  readonly logits: number;
  readonly loss: number;
  readonly gradients: number;
  readonly buffers: number;
  readonly losses: number;
  readonly weights: number;
  readonly statistics: number;
}

export interface Row {
  readonly name: string;
  readonly versions: { readonly torch: string; readonly timm: string };
  readonly ours: Differences;
  /** PyTorch's own in float32. */
  readonly rounding: Differences;
}

// The change of weights is told tensor by tensor, and edges.py keeps the first of the ten steps off the edges, not the others.
const LIMITS: Differences = {
  logits: 1e-4,
  loss: 1e-3,
  gradients: 1e-3,
  buffers: 1e-3,
  losses: 1e-3,
  weights: 1e-2,
  statistics: 1e-3,
};
const KINDS = Object.keys(LIMITS) as (keyof Differences)[];

/** Whether we are within the limits, or within twice what PyTorch's own float32 differs by. */
export const holds = ({ ours, rounding }: Row): boolean =>
  KINDS.every((kind) => ours[kind] <= Math.max(LIMITS[kind], 2 * rounding[kind]));

const DATA = /^<!-- (\{.*\}) -->$/gm;

/** The rows that a table was made of, which it carries as comments. */
export function readRows(table: string): Row[] {
  return [...table.matchAll(DATA)].map(([, json]) => JSON.parse(json!));
}

/** Rounded to one digit, ours then PyTorch's. */
const cell = (ours: number, rounding: number) =>
  `${ours.toExponential(0)} (${rounding.toExponential(0)})`;

/** JSON has no infinity. */
const threeDigits = (_: string, value: unknown) =>
  typeof value !== 'number'
    ? value
    : Number.isFinite(value)
      ? Number(value.toPrecision(3))
      : Number.MAX_VALUE;

/** RESULTS.md, with the rows in the order of `names`. */
export function formatTable(rows: readonly Row[], names: readonly string[], tensorflow: string) {
  const sorted = rows.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  const { torch, timm } = sorted[0]!.versions;
  const lines = sorted.map((row) => {
    const cells = KINDS.map((kind) => cell(row.ours[kind], row.rounding[kind]));
    return `| \`${row.name}\` | ${cells.join(' | ')} | ${holds(row) ? 'yes' : '**no**'} |`;
  });
  return `# Our networks against timm's

Written by \`pnpm parity\`: timm ${timm} on PyTorch ${torch} in float64 against ours on TensorFlow ${tensorflow}, relative differences; in brackets PyTorch's own float32, which is what
rounding alone does. ${sorted.filter(holds).length} of ${sorted.length} rows hold: logits to 1e-4, the change of weights to 1e-2 and all else to 1e-3, or to twice what PyTorch's float32 differs by where that is more.

- logits: in evaluation, the worst of 224x224, 225x161 and 64x64, relative to the largest;
- loss, gradients, running statistics: of one training step, 4 images of 64x64; the worst tensor, relative to its norm, or to a thousandth of the largest norm;
- ten steps: Nesterov momentum 0.9, weight decay 1e-4 without bias decay, label smoothing 0.1, and the recipe's first ten rates at ImageNet's size, \`0.1 t / (5 * 5004)\`:
  the losses, relative to how far they fall; the change of the weights, of the worst tensor, relative to its norm, to a thousandth of the largest or to a thousandth of the
  weights'; the change of the running statistics. Without Nesterov's momentum the losses of \`mobilenetv1_100\` are 1e-1 away and the change of its weights 9e-2.

Weights are timm's initial ones. Gammas are drawn from 0.5 to 1.5 and betas from 0.7 to 1.3, at the end of a residual branch from 0.1 to 0.3 and -0.3 to 0.3; running statistics
are measured and scattered. Then betas move by at most a fiftieth of a standard deviation until no activation of the training step is nearer than 2e-4 of one to the edge of a ReLU, or as far as it can be, as
[edges.py](python/edges.py) explains: an activation that rounding lets fall on the other side moves a gradient by a hundredth, in PyTorch as here. The later ones of the ten
steps may meet an edge again: one of PyTorch's own does in \`mobilenetv2_100\`, one of ours in \`mobilenetv2_110d\`.

| network | logits | loss | gradients | running statistics | losses of ten steps | change of weights | of statistics | holds |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

${sorted.map((row) => `<!-- ${JSON.stringify(row, threeDigits)} -->`).join('\n')}
`;
}
