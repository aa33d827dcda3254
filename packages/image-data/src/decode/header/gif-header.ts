import { type RawHeader, textAt, viewOf } from './raw-header.ts';

/** Reads the size of the screen, which the first frame is drawn on. */
export function gifHeader(bytes: Uint8Array): RawHeader | undefined {
  const version = textAt(bytes, 0, 6);
  if (version !== 'GIF87a' && version !== 'GIF89a') return undefined;
  const view = viewOf(bytes);
  const width = view.getUint16(6, true);
  const height = view.getUint16(8, true);
  // The screen, in red, green, blue and alpha.
  const workBytes = 4 * width * height;
  return { format: 'gif', width, height, orientation: 1, workBytes, scans: 1 };
}
