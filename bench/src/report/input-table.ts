import { type InputReport, inputTitle } from '../compare/compare-input.ts';
import { bestTorchvision } from '../compare/input-summary.ts';
import { ratioOf } from '../compare/summary.ts';
import { spread } from './numbers.ts';
import { formatTable } from './table.ts';

/** One kind of input's comparison for a reader. */
export function formatInput(report: InputReport): string {
  const header = [
    inputTitle(report),
    'images/s (min..max)',
    'x best torchvision',
    'CPU ms an image',
    'cores busy (min..max)',
  ];
  const best = bestTorchvision(report.contestants);
  const rows = report.contestants.map(({ name, imagesPerSecond, cpuMsPerImage, cores, ...one }) => [
    name,
    spread(imagesPerSecond),
    best === undefined ? '-' : spread(ratioOf(best.secondsPerImage, one.secondsPerImage)),
    spread(cpuMsPerImage),
    spread(cores),
  ]);
  return [
    `largest difference of mean pixels: ${report.largestDifference.toFixed(2)} of 255`,
    '',
    formatTable(header, rows),
  ].join('\n');
}
