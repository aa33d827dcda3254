import type { Line } from './table.ts';

const barHeight = 20;
const pitch = 26;
const barsStart = 170;
const barsLength = 400;

/** A bar a row with a line over the range between seeds, as an SVG file. */
export function drawLadder(lines: readonly Line[]): string {
  const values = lines.flatMap(({ runs }) => runs.map(({ top1 }) => top1));
  const low = Math.max(0, Math.floor(Math.min(100, ...values)) - 2);
  const high = Math.min(100, Math.ceil(Math.max(0, ...values)) + 1);
  const width = (top1: number) => (barsLength * (top1 - low)) / Math.max(1, high - low);
  const bars = lines.flatMap(({ row, mean, runs }, i) => {
    const y = 10 + pitch * i;
    const [from, to] = [Math.min, Math.max].map((end) =>
      (barsStart + width(end(...runs.map(({ top1 }) => top1)))).toFixed(1),
    );
    return [
      `<text x="${barsStart - 10}" y="${y + 14}" text-anchor="end">${row}</text>`,
      `<rect x="${barsStart}" y="${y}" width="${width(mean).toFixed(1)}" height="${barHeight}" fill="#7aa6c2"/>`,
      `<path d="M${from} ${y + barHeight / 2}H${to}" stroke="#222" stroke-width="2"/>`,
      `<text x="${barsStart + barsLength + 10}" y="${y + 14}">${mean.toFixed(2)} %</text>`,
    ];
  });
  const height = 36 + pitch * lines.length;
  const title =
    lines.length === 0
      ? 'no runs yet'
      : `top-1 in % on a lossy copy of CIFAR-10 (JPEG); bars start at ${low} %, lines span the seeds`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 650 ${height}" width="650" height="${height}" font-family="sans-serif" font-size="13">`,
    '<title>Top-1 by row</title>',
    `<rect width="650" height="${height}" fill="#fff"/>`,
    ...bars,
    `<text x="20" y="${height - 8}">${title}</text>`,
    '</svg>\n',
  ].join('\n');
}
