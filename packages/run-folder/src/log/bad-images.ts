import { existsSync, readFileSync } from 'node:fs';
import type { TrainHooks } from './hooks.ts';
import { printableJson } from './printable.ts';
import { memberOf, openLog } from './rows.ts';

/**
 * Writes `bad-images.jsonl`, an object for each image and epoch that was left out; no file as long as all are good. A resumed run
 * drops the lines of later epochs, and adds none twice.
 */
export function badImageLog(
  path: string,
  { firstEpoch }: { readonly firstEpoch: number },
): TrainHooks {
  const rows = openLog(path, { stays: (line) => memberOf(line, 'epoch') <= firstEpoch });
  const written = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
  return {
    onBadImage({ epoch, image, reason }) {
      const line = printableJson({ epoch, image, reason });
      if (written.has(line)) return;
      written.add(line);
      rows.append(line);
    },
  };
}
