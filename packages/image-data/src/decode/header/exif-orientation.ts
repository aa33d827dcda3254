import { textAt, viewOf } from './raw-header.ts';

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/** The orientation in a TIFF structure, as EXIF holds it; 1, which is upright, where it is absent or damaged. */
export function exifOrientation(tiff: Uint8Array): number {
  try {
    const view = viewOf(tiff);
    const little = textAt(tiff, 0, 2) === 'II';
    const directory = view.getUint32(4, little);
    const entries = view.getUint16(directory, little);
    for (let entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12) {
      if (view.getUint16(entry, little) !== ORIENTATION_TAG) continue;
      const value = view.getUint16(entry + 8, little);
      return view.getUint16(entry + 2, little) === SHORT && value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
  } catch (error) {
    if (error instanceof RangeError) return 1;
    throw error;
  }
}
