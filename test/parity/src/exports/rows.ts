import { aboutRuntime, type Format, formats, type Place, type Runtime, runtimes } from './plan.ts';

/** What a runtime made of an export. */
export interface Measurement {
  /** Of the export, in bytes. */
  readonly bytes: number;
  /** The greatest difference of a probability from the trainer's. */
  readonly difference: number;
  /** How many pictures there were, and of how many the first class is the label; null where nobody has trained the network. */
  readonly pictures: number;
  readonly right: number | null;
  readonly imagesPerSecond: number;
  /** Whether the machine did other things too. */
  readonly busy: boolean;
  readonly version: string;
}

export type Row = Place & (Measurement | { readonly notRun: string } | { readonly failed: string });

const data = /^<!-- (\{.*\}) -->$/gm;

/** The rows that a table was made of, which it carries as comments. */
export const readRows = (table: string): Row[] =>
  [...table.matchAll(data)].map(([, json]) => JSON.parse(json!) as Row);

export const isSame = (a: Place, b: Place): boolean =>
  a.network === b.network && a.format === b.format && a.runtime === b.runtime;

/** Whether a measured row is further from the trainer than rounding explains. */
export const isTooFar = (row: Row): boolean =>
  'difference' in row &&
  !/float16|uint8/.test(row.format) &&
  !(row.difference <= (aboutRuntime(row.runtime).limit ?? 1e-3));

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
const speed = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));

function line(row: Row): string {
  const { title, from } = aboutRuntime(row.runtime);
  const start = `| \`${row.network}\` | ${row.format} | ${title} | ${from}`;
  if ('notRun' in row) return `${start} | – | not run: ${row.notRun} | – | – |`;
  if ('failed' in row) return `${start} | – | **failed**: ${row.failed} | – | – |`;
  const { bytes, difference, right, pictures, imagesPerSecond, busy } = row;
  const top1 = right === null ? '–' : `${right} of ${pictures}`;
  const images = `${speed(imagesPerSecond)}${busy ? '*' : ''}`;
  return `${start} | ${megabytes(bytes)} | ${difference.toExponential(1)} | ${top1} | ${images} |`;
}

/** Where a row stands. */
function rank(row: Row, networks: readonly string[]): readonly number[] {
  return [
    networks.indexOf(row.network),
    Object.keys(formats).indexOf(row.format satisfies Format),
    Object.keys(runtimes).indexOf(row.runtime satisfies Runtime),
  ];
}

/** The table as a page of Markdown. */
export function formatRows(
  rows: readonly Row[],
  {
    networks,
    machine,
    rowsInAll,
  }: {
    readonly networks: readonly string[];
    readonly machine: string;
    readonly rowsInAll: number;
  },
): string {
  const sorted = rows.toSorted((a, b) => {
    const [first, second] = [rank(a, networks), rank(b, networks)];
    const at = first.findIndex((one, i) => one !== second[i]);
    return at < 0 ? 0 : first[at]! - second[at]!;
  });
  const versions = new Map(
    sorted.flatMap((row) => ('version' in row ? [[row.runtime, row.version] as const] : [])),
  );
  return `# Formats and runtimes

Written by \`pnpm exports:table\`: networks as \`bag-of-tricks export\` writes them, in all that is said to run them. The difference is the greatest one of a probability, from what the trainer itself says of
the same pictures. *From JPEG*: the runtime decodes, resizes and crops files; *from pixels*: it gets those of the evaluation. Images a second, of batches of at most 20, after the first; with a star the machine
did other things too, so that it is a lower bound.

\`tf_efficientnet_lite0\` has the weights of TensorFlow's authors and is shown 200 photographs of ImageNet; \`resnet20_pad\` those of akamaster's CIFAR-10 and 100 of its test images as JPEG, which costs a network of
lossless images ten points, so its counts compare with each other only. The others have random weights, and nothing to count.

| network | format | runtime | from | size | greatest difference | right in the first place | images a second |
| --- | --- | --- | --- | --- | --- | --- | --- |
${sorted.map(line).join('\n')}

${machine}. Measured: ${sorted.filter((row) => 'difference' in row).length} of ${rowsInAll} rows.

${Array.from(versions, ([runtime, version]) => `- ${aboutRuntime(runtime).title}: ${version}`).join('\n')}

${sorted.map((row) => `<!-- ${JSON.stringify(row)} -->`).join('\n')}
`;
}
