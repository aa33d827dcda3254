/**
 * Copy one image from `source` to `target`, moved by a random offset in [-cropPadding, cropPadding] and mirrored at random:
 * the pad-and-crop augmentation of small images (He et al. 2016, section 4.2).
 */
export function cropAndFlip(source, target, { imageShape: [height, width, channels], cropPadding, flip, random }) {
    const top = Math.floor(random() * (2 * cropPadding + 1)) - cropPadding;
    const left = Math.floor(random() * (2 * cropPadding + 1)) - cropPadding;
    const mirrored = flip && random() < 0.5;
    target.fill(0);
    for (let y = Math.max(0, -top); y < Math.min(height, height - top); y++) {
        for (let x = Math.max(0, -left); x < Math.min(width, width - left); x++) {
            const from = ((y + top) * width + x + left) * channels;
            const to = (y * width + (mirrored ? width - 1 - x : x)) * channels;
            for (let c = 0; c < channels; c++)
                target[to + c] = source[from + c];
        }
    }
}
//# sourceMappingURL=augment.js.map