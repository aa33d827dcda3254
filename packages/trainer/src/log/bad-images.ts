import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SkippedImage } from '@bag-of-tricks/image-data';
import type { TrainHooks } from './hooks.ts';

/** The image of a line, or null for one that a kill cut off. */
function parseLine(line: string): SkippedImage | null {
  try {
    return JSON.parse(line) as SkippedImage;
  } catch {
    return null;
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
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const kept = lines
    .map(parseLine)
    .filter((skipped) => skipped !== null && skipped.epoch <= firstEpoch)
    .map((skipped) => JSON.stringify(skipped));
  if (lines.length > 0) writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
  const written = new Set(kept);
  return {
    onBadImage({ epoch, image, reason }) {
      const line = JSON.stringify({ epoch, image, reason });
      if (written.has(line)) return;
      written.add(line);
      appendFileSync(path, `${line}\n`);
    },
  };
}
