import { grayAt } from '@bag-of-tricks/image-resize';
import type { Channels } from '../../source.ts';

/** Pixels side by side: the byte where they begin, and their channels. */
export interface PixelRow {
  readonly pixels: Uint8Array;
  readonly at: number;
  readonly channels: Channels;
}

/** Copies `count` pixels, the last first if `mirrored`; grey becomes three equal channels, and colours their grey. */
export function copyRow(source: PixelRow, target: PixelRow, count: number, mirrored = false): void {
  const { pixels, channels } = source;
  if (!mirrored && channels === target.channels) {
    target.pixels.set(pixels.subarray(source.at, source.at + count * channels), target.at);
    return;
  }
  const step = mirrored ? -target.channels : target.channels;
  let to = target.at + (mirrored ? (count - 1) * target.channels : 0);
  for (let i = 0, from = source.at; i < count; i++, from += channels, to += step) {
    if (target.channels === 1) {
      target.pixels[to] = channels === 1 ? pixels[from]! : grayAt(pixels, from);
    } else {
      const next = channels === 1 ? 0 : 1;
      target.pixels[to] = pixels[from]!;
      target.pixels[to + 1] = pixels[from + next]!;
      target.pixels[to + 2] = pixels[from + 2 * next]!;
    }
  }
}
