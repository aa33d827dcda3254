/** Relative differences from timm in float64. */
export interface Differences {
  readonly logits: number;
  readonly loss: number;
  readonly gradients: number;
  readonly buffers: number;
  readonly losses: number;
  readonly state: number;
}

export interface Row {
  readonly name: string;
  readonly versions: { readonly torch: string; readonly timm: string };
  readonly ours: Differences;
  /** PyTorch's own in float32. */
  readonly rounding: Differences;
}

const KINDS = ['logits', 'loss', 'gradients', 'buffers', 'losses', 'state'] as const;
const DATA = /^<!-- (\{.*\}) -->$/gm;

/** The rows that a table was made of, which it carries as comments. */
export function readRows(table: string): Row[] {
  return [...table.matchAll(DATA)].map(([, json]) => JSON.parse(json!));
}

/** Rounded to one digit, ours then PyTorch's. */
const cell = (ours: number, rounding: number) =>
  `${ours.toExponential(0)} (${rounding.toExponential(0)})`;

/** RESULTS.md, with the rows in the order of `names`. */
export function formatTable(rows: readonly Row[], names: readonly string[], tensorflow: string) {
  const sorted = rows.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  const { torch, timm } = sorted[0]!.versions;
  const lines = sorted.map(
    ({ name, ours, rounding }) =>
      `| \`${name}\` | ${KINDS.map((kind) => cell(ours[kind], rounding[kind])).join(' | ')} |`,
  );
  return `# Our networks against timm's

Written by \`pnpm parity\`: timm ${timm} on PyTorch ${torch} in float64 against ours on TensorFlow ${tensorflow}, relative differences; in brackets PyTorch's own float32, which is what
rounding alone does. Weights are timm's initial ones, gammas and betas scattered, running statistics measured and scattered.

- logits: in evaluation, the worst of 224x224, 225x161 and 64x64, relative to the largest;
- loss, gradients, running statistics: of one training step, 8 images of 64x64; the worst tensor, relative to its norm, or to a thousandth of the largest norm;
- ten steps: Nesterov momentum 0.9, weight decay 1e-4 without bias decay, label smoothing 0.1, warmup and cosine to 1e-4: the losses, and the worst tensor after them.

| network | logits | loss | gradients | running statistics | losses of ten steps | weights after them |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

${sorted.map((row) => `<!-- ${JSON.stringify(row)} -->`).join('\n')}
`;
}
