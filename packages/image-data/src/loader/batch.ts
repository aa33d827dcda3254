/** One step's worth of images, cropped and resized, still uint8. */
export interface Batch {
  /** uint8, `[rows, height, width, channels]`, row-major; rows that hold no image are black. */
  readonly images: Uint8Array;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** Class of each row, `[rows]`; -1 where the row holds no image, which happens in evaluation only. */
  readonly labels: Int32Array;
  /** Index in the source of each row's image, `[rows]`; -1 where the row holds no image. */
  readonly indices: Int32Array;
  /** Rows that hold an image: what a batch counts for. */
  readonly size: number;
  /** What `colors` of `trainBatches` drew for each row, float32 `[rows, columns]`. */
  readonly colors?: Float32Array;
}
