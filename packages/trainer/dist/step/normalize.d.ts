import * as tf from '@tensorflow/tfjs-core';
/** Statistics of the pixels, per channel, on the scale 0..255. */
export interface PixelStatistics {
    readonly mean: readonly number[];
    readonly std: readonly number[];
}
/** `(pixel - mean) / std` per channel: integer images `[batch, height, width, channels]` in, float32 out. */
export declare function normalizeImages(images: tf.Tensor4D, { mean, std }: PixelStatistics): tf.Tensor4D;
//# sourceMappingURL=normalize.d.ts.map