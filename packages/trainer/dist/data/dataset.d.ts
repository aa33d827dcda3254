/** Images of one split, decoded and in memory. */
export interface ImageSet {
    /** uint8 pixels, `[size, height, width, channels]`, row-major. */
    readonly images: Uint8Array;
    /** Class indices, `[size]`. */
    readonly labels: Int32Array;
    readonly size: number;
}
/** A labelled image collection with its two splits. */
export interface Dataset {
    readonly name: string;
    /** `[height, width, channels]` of every image. */
    readonly imageShape: readonly [height: number, width: number, channels: number];
    readonly classNames: readonly string[];
    /** Per-channel mean of the training pixels, on the scale 0..255. */
    readonly mean: readonly number[];
    /** Per-channel standard deviation of the training pixels, on the scale 0..255. */
    readonly std: readonly number[];
    readonly train: ImageSet;
    readonly eval: ImageSet;
}
/** One step's worth of images, augmented, still uint8. */
export interface Batch {
    readonly images: Uint8Array;
    readonly labels: Int32Array;
    readonly size: number;
}
//# sourceMappingURL=dataset.d.ts.map