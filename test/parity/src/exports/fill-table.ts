import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportAs, measureExport, referenceOf } from './measure-export.ts';
import type { ComparedNetwork } from './networks.ts';
import { type Place, placesOf } from './plan.ts';
import { isSame, type Row } from './rows.ts';

interface TableOptions {
  /** For what is made on the way. */
  readonly folder: string;
  readonly python: string;
  /** A pattern: rows whose `network format runtime` it fits are measured anew, and no others. */
  readonly only?: string | undefined;
  readonly busy: boolean;
  /** What was measured before. */
  readonly rows: readonly Row[];
  /** Called after each row with all there are. */
  readonly onRow: (rows: readonly Row[], row: Row) => Promise<void>;
}

/** Measures what is missing of a table, row after row. */
export async function fillTable(
  networks: readonly ComparedNetwork[],
  { folder, python, only, busy, rows: before, onRow }: TableOptions,
): Promise<readonly Row[]> {
  let rows = before;
  const isWanted = (place: Place) => {
    const { network, format, runtime } = place;
    if (only !== undefined) return new RegExp(only).test(`${network} ${format} ${runtime}`);
    const row = rows.find((one) => isSame(one, place));
    return row === undefined || !('difference' in row);
  };
  const add = async (place: Place, result: object) => {
    const row = { ...place, ...result } as Row;
    rows = [...rows.filter((one) => !isSame(one, place)), row];
    await onRow(rows, row);
  };
  for (const network of networks) {
    const wanted = placesOf(network.name, network.isSmall).filter(isWanted);
    if (wanted.length === 0) continue;
    const own = join(folder, network.name);
    await mkdir(own, { recursive: true });
    const weights = await network.weights(join(own, 'weights'));
    const reference = await referenceOf(network, weights, own);
    for (const format of new Set(wanted.map((one) => one.format))) {
      // TensorFlow Serving wants the number of a version.
      const output = join(own, format.replaceAll(' ', '-'), '1');
      const problem = await exportAs(format, weights, output).then(() => null, reasonOf);
      for (const place of wanted.filter((one) => one.format === format)) {
        const { runtime } = place;
        const result =
          problem ??
          (await measureExport({ runtime, folder: output, python }, reference, own).catch(
            reasonOf,
          ));
        await add(place, { ...result, ...('bytes' in result && { busy }) });
      }
      await rm(output, { recursive: true, force: true });
    }
  }
  return rows;
}

/** The last line of what a program wrote before it failed that names an error, or the last of all. */
function reasonOf(error: Error & { readonly stderr?: string }): { readonly failed: string } {
  const lines = (error.stderr || error.message).trim().split('\n');
  const line = lines.findLast((one) => /^\S*(Error|error)\b.*: /.test(one)) ?? lines.at(-1)!;
  return { failed: line.replaceAll('|', '/').slice(0, 300) };
}
