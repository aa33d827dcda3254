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
export declare function cropAndFlip(source: Uint8Array, target: Uint8Array, { imageShape: [height, width, channels], cropPadding, flip, random }: AugmentOptions): void;
//# sourceMappingURL=augment.d.ts.map