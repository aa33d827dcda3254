import { escapeHtml } from '../page.ts';
import type { Confusion } from './confusion.ts';

/** With more classes a cell could not hold its number: then the pairs that are confused most often. */
const mostClasses = 30;
const mostPairs = 40;
const longestName = 22;

const cell = 30;
const row = 22;
const bar = 240;
const font = 'font-family="system-ui, sans-serif" font-size="12"';

const shortened = (name: string) =>
  escapeHtml(name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name);

const svg = (width: number, height: number, content: readonly string[]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${font}>
<rect width="100%" height="100%" fill="#fff"/>
${content.join('\n')}
</svg>
`;

/** The picture of a confusion matrix: the matrix itself, or of many classes the pairs that are confused most often. */
export const confusionSvg = (confusion: Confusion): string =>
  confusion.classNames.length <= mostClasses ? matrix(confusion) : worstPairs(confusion);

const widthOf = (names: readonly string[]) =>
  Math.round(7 * Math.max(...names.map((name) => Math.min(name.length, longestName)))) + 16;

function matrix({ classNames, count, scores }: Confusion): string {
  const side = widthOf(classNames);
  const [left, top] = [side + 20, side + 20];
  const size = cell * classNames.length;
  const cells = scores().flatMap(({ images }, label) =>
    classNames.map((predictedName, predicted) => {
      const n = count(label, predicted);
      if (n === 0) return '';
      const [x, y] = [left + cell * predicted, top + cell * label];
      const share = n / images;
      const fill = label === predicted ? `rgb(33 113 181 / ${share})` : `rgb(203 24 29 / ${share})`;
      const title = `${escapeHtml(classNames[label]!)} taken for ${escapeHtml(predictedName)}: ${n} of ${images}`;
      return `<g><title>${title}</title><rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${fill}"/><text x="${x + cell / 2}" y="${y + 19}" text-anchor="middle" font-size="${n > 999 ? 10 : 12}" fill="${share > 0.55 ? '#fff' : '#000'}">${n}</text></g>`;
    }),
  );
  const names = classNames.flatMap((name, i) => {
    const at = cell * i + 19;
    const [x, y] = [left + at - 4, top - 6];
    return [
      `<text x="${left - 6}" y="${top + at}" text-anchor="end">${shortened(name)}</text>`,
      `<text x="${x}" y="${y}" transform="rotate(-90 ${x} ${y})">${shortened(name)}</text>`,
    ];
  });
  const lines = Array.from({ length: classNames.length + 1 }, (_, i) => {
    const [x, y] = [left + cell * i, top + cell * i];
    return `<path d="M${x} ${top}v${size}M${left} ${y}h${size}" stroke="#ddd"/>`;
  });
  return svg(left + size + 10, top + size + 10, [
    `<text x="10" y="16" fill="#666">true ↓ predicted →</text>`,
    ...cells.filter(Boolean),
    ...lines,
    ...names,
  ]);
}

function worstPairs(confusion: Confusion): string {
  const { classNames } = confusion;
  const scores = confusion.scores();
  const all = confusion.pairs();
  const pairs = all.slice(0, mostPairs);
  const named = pairs.map(({ label, predicted }) => [classNames[label]!, classNames[predicted]!]);
  const side = 2 * widthOf(named.flat().concat('classes')) + 20;
  const longest = pairs[0]?.images ?? 1;
  const rows = pairs.map(({ label, images }, i) => {
    const y = 44 + row * i;
    const [from, to] = named[i]!.map(shortened);
    const length = Math.max(1, (bar * images) / longest);
    return `<text x="${side - 10}" y="${y + 15}" text-anchor="end">${from} → ${to}</text><rect x="${side}" y="${y + 3}" width="${length.toFixed(1)}" height="${row - 6}" fill="rgb(203 24 29)"/><text x="${(side + length + 6).toFixed(1)}" y="${y + 15}">${images} of ${scores[label]!.images}</text>`;
  });
  const title = `true → predicted: the ${pairs.length} pairs of ${classNames.length} classes that are confused most often, of ${all.length}; confusion.csv has all`;
  return svg(Math.max(side + bar + 110, 7 * title.length), 54 + row * pairs.length, [
    `<text x="10" y="24" fill="#666">${title}</text>`,
    ...rows,
  ]);
}
