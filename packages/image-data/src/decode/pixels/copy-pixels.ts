import { shown } from '@bag-of-tricks/image-resize';
import type { Channels, StoredImage, StoredPixels } from '../../source.ts';
import type { ImageSize, Placement } from '../placement.ts';
import { copyRow } from './channels.ts';

/** Whether a placement only moves, cuts and mirrors pixels that are there: less work than handing them to a thread. */
export function isCopy(image: StoredImage, { window, resized }: Placement): image is StoredPixels {
  return (
    image.kind === 'pixels' && window.height === resized.height && window.width === resized.width
  );
}

/** Writes the output image of such a placement to `target`, uint8 `[height, width, channels]`, which is black before. */
export function copyPixels(
  { pixels, width, channels: stored = 3 }: StoredPixels,
  { window, resized, offset, flip }: Placement,
  { size, channels, target }: { size: ImageSize; channels: Channels; target: Uint8Array },
): void {
  const [rows, columns] = [
    shown(offset.top, resized.height, size.height),
    shown(offset.left, resized.width, size.width),
  ];
  const left = flip ? size.width - columns.at - columns.count : columns.at;
  for (let row = 0; row < rows.count; row++) {
    const from = (window.top + rows.first + row) * width + window.left + columns.first;
    const to = (rows.at + row) * size.width + left;
    const source = { pixels, at: from * stored, channels: stored };
    copyRow(source, { pixels: target, at: to * channels, channels }, columns.count, flip);
  }
}
