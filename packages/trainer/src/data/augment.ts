/** Options of `cropAndFlip`. */
export interface AugmentOptions {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** Zero padding on each side before the crop, in pixels; 0 leaves the image where it is. */
  readonly cropPadding: number;
  /** Mirror left-right with probability 0.5. */
  readonly flip: boolean;
  readonly random: () => number;
}

/**
 * Copy one image from `source` to `target`, moved by a random offset in [-cropPadding, cropPadding] and mirrored at random:
 * the pad-and-crop augmentation of small images (He et al. 2016, section 4.2).
 */
export function cropAndFlip(
  source: Uint8Array,
  target: Uint8Array,
  { imageShape: [height, width, channels], cropPadding, flip, random }: AugmentOptions,
): void {
  const top = Math.floor(random() * (2 * cropPadding + 1)) - cropPadding;
  const left = Math.floor(random() * (2 * cropPadding + 1)) - cropPadding;
  const mirrored = flip && random() < 0.5;
  target.fill(0);
  for (let y = Math.max(0, -top); y < Math.min(height, height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, width - left); x++) {
      const from = ((y + top) * width + x + left) * channels;
      const to = (y * width + (mirrored ? width - 1 - x : x)) * channels;
      for (let c = 0; c < channels; c++) target[to + c] = source[from + c]!;
    }
  }
}
