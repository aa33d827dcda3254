import { existsSync, readFileSync } from 'node:fs';
import type { BadImage, TrainHooks } from './hooks.ts';
import { openLog } from './rows.ts';

/** The epoch of a line, or infinity for one that is none. */
function epochOf(line: string): number {
  try {
    return (JSON.parse(line) as BadImage).epoch;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Writes `bad-images.jsonl`, an object for each image and epoch that was left out; no file as long as all are good. A resumed run
 * drops the lines of later epochs, and adds none twice.
 */
export function badImageLog(
  path: string,
  { firstEpoch }: { readonly firstEpoch: number },
): TrainHooks {
  const rows = openLog(path, { stays: (line) => epochOf(line) <= firstEpoch });
  const written = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
  return {
    onBadImage({ epoch, image, reason }) {
      const line = JSON.stringify({ epoch, image, reason });
      if (written.has(line)) return;
      written.add(line);
      rows.append(line);
    },
  };
}
