/** Pillow's grey (`convert('L')`) of the RGB pixel at a byte, in its fixed point. */
export function grayAt(pixels: Uint8Array, at: number): number {
  return (pixels[at]! * 19595 + pixels[at + 1]! * 38470 + pixels[at + 2]! * 7471 + 0x8000) >> 16;
}

/** Three equal channels of each pixel's grey, in place: what Pillow's `convert('L')` before a resize makes of colours. */
export function makeGray(pixels: Uint8Array): void {
  for (let at = 0; at < pixels.length; at += 3) pixels.fill(grayAt(pixels, at), at, at + 3);
}
