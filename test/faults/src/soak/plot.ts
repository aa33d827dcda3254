import { type Measure, measures, type Sample } from './samples.ts';

const [width, height, gap, left, top] = [150, 90, 40, 80, 40];

const units: Readonly<Record<Measure, string>> = {
  memory: 'memory in MB',
  handles: 'native handles',
  mappings: 'mappings',
  descriptors: 'descriptors',
  time: 'CPU ms a round',
};

function panel(samples: readonly Sample[], measure: Measure, x: number, y: number): string {
  const values = samples.map((sample) => sample[measure]);
  // The first rounds compile and load; the axis is that of the others, from zero.
  const high = Math.max(1, ...values.slice(Math.ceil(values.length / 20))) * 1.1;
  const last = samples.at(-1)!.round;
  const points = samples.map(({ round, [measure]: value }) => {
    const [px, py] = [x + (width * round) / last, y + height * (1 - Math.min(1, value / high))];
    return `${px.toFixed(1)},${py.toFixed(1)}`;
  });
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="#ccc"/>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="#1f6f9f" stroke-width="1.5"/>`,
    `<text x="${x - 4}" y="${y + 10}" text-anchor="end" font-size="10">${high.toPrecision(3)}</text>`,
    `<text x="${x - 4}" y="${y + height}" text-anchor="end" font-size="10">0</text>`,
  ].join('\n');
}

/** A row of curves for each soak, over its rounds, as an SVG file. */
export function drawSoaks(soaks: Readonly<Record<string, readonly Sample[]>>): string {
  const rows = Object.entries(soaks);
  const [fullWidth, fullHeight] = [
    left + measures.length * (width + gap),
    top + rows.length * (height + gap),
  ];
  const heads = measures.map(
    (measure, i) =>
      `<text x="${left + i * (width + gap)}" y="${top - 12}">${units[measure]}</text>`,
  );
  const panels = rows.flatMap(([name, samples], row) => {
    const y = top + row * (height + gap);
    return [
      `<text x="${left}" y="${y + height + 16}" font-size="11">${samples.at(-1)!.round} ${name}</text>`,
      ...measures.map((measure, i) => panel(samples, measure, left + i * (width + gap), y)),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}" font-family="sans-serif" font-size="12">`,
    '<title>What grows over many rounds</title>',
    `<rect width="${fullWidth}" height="${fullHeight}" fill="#fff"/>`,
    ...heads,
    ...panels,
    '</svg>\n',
  ].join('\n');
}
