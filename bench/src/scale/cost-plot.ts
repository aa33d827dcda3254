import { type Forecast, forecast, type Scenario } from './forecast.ts';

const sizes = [1, 2, 4, 8, 16, 32, 64] as const;
const area = { left: 60, top: 20, width: 420, height: 260 };
const colors = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#7f7f7f'];

/** What of a step is spent waiting for the exchange, over the number of processes, as an SVG file. */
export function drawCost(scenarios: readonly Scenario[], caption: string): string {
  const lines = scenarios.map((scenario) => sizes.map((size) => forecast(scenario, size)));
  const top = Math.max(0.1, ...lines.flat().map(({ communication }) => communication));
  const highest = Math.ceil(top * 10) / 10;
  const x = (processes: number) => area.left + (area.width * Math.log2(processes)) / 6;
  const y = (share: number) => area.top + area.height * (1 - share / highest);
  const point = ({ processes, communication }: Forecast) =>
    `${x(processes).toFixed(1)} ${y(communication).toFixed(1)}`;
  const ticks = Array.from({ length: Math.round(highest * 10) + 1 }, (_, i) => i / 10);
  const bottom = area.top + area.height;
  const legend = bottom + 60;
  const height = legend + 20 * lines.length + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 ${height}" width="520" height="${height}" font-family="sans-serif" font-size="12">`,
    '<title>What of a step of ResNet-50-D is spent waiting for the exchange of gradients</title>',
    `<rect width="520" height="${height}" fill="#fff"/>`,
    ...ticks.flatMap((share) => [
      `<path d="M${area.left} ${y(share).toFixed(1)}h${area.width}" stroke="#ddd"/>`,
      `<text x="${area.left - 8}" y="${(y(share) + 4).toFixed(1)}" text-anchor="end">${Math.round(share * 100)} %</text>`,
    ]),
    ...sizes.map(
      (size) => `<text x="${x(size)}" y="${bottom + 18}" text-anchor="middle">${size}</text>`,
    ),
    `<text x="${area.left}" y="${bottom + 40}">${caption}</text>`,
    ...lines.flatMap((line, i) => {
      const dashes = i < colors.length ? '' : ' stroke-dasharray="5 3"';
      const stroke = `stroke="${colors[i % colors.length]}" stroke-width="2"${dashes}`;
      return [
        `<path d="M${line.map(point).join('L')}" fill="none" ${stroke}/>`,
        `<path d="M${area.left} ${legend + 20 * i - 4}h20" ${stroke}/>`,
        `<text x="${area.left + 28}" y="${legend + 20 * i}">${scenarios[i]!.title}</text>`,
      ];
    }),
    '</svg>\n',
  ].join('\n');
}
