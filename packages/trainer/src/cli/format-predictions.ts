import type { ClassProbability } from '@bag-of-tricks/classifier';
import { printable } from '@bag-of-tricks/run-folder';
import { csvLine } from '@bag-of-tricks/run-report';

/** An image with its most probable classes, as it is printed. */
export interface Prediction {
  readonly file: string;
  readonly top: readonly ClassProbability[];
}

/** A form of predictions: the line above all, and those of a batch. */
interface PredictionFormat {
  readonly header?: string;
  lines(batch: readonly Prediction[]): string[];
}

/** JSON whose strings act on no terminal: what `printable` would change is written as JSON's own escape. */
const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Paths beyond this many characters move the other columns of their line. */
const widestFile = 60;

const percent = (probability: number) => `${(100 * probability).toFixed(2).padStart(6)} %`;

/** The file beside its first class, the further classes below. */
function tableLines(batch: readonly Prediction[]): string[] {
  const longest = Math.max(...batch.map(({ file }) => printable(file).length));
  const width = Math.min(longest, widestFile);
  return batch.flatMap(({ file, top }) =>
    top.map(({ name, probability }, rank) => {
      const first = (rank === 0 ? printable(file) : '').padEnd(width);
      return `${first}  ${percent(probability)}  ${printable(name)}`;
    }),
  );
}

export const predictionFormats = {
  table: { lines: tableLines },
  csv: {
    header: 'file,rank,index,name,probability',
    lines: (batch) =>
      batch.flatMap(({ file, top }) =>
        top.map(({ index, name, probability }, i) =>
          csvLine([printable(file), i + 1, index, printable(name), probability]),
        ),
      ),
  },
  jsonl: {
    lines: (batch) =>
      batch.map(({ file, top }) =>
        printableJson({
          file,
          top: top.map(({ index, name, probability }) => ({ index, name, probability })),
        }),
      ),
  },
} as const satisfies Readonly<Record<string, PredictionFormat>>;

export type PredictionFormatName = keyof typeof predictionFormats;

/** The line above the predictions, where the format has one. */
export const predictionHeader = (format: PredictionFormatName): string | undefined =>
  (predictionFormats[format] as PredictionFormat).header;
