/** One step's worth of images, augmented, still uint8. */
export interface Batch {
  /** uint8, `[rows, height, width, channels]`, row-major; rows that hold no image are black. */
  readonly images: Uint8Array;
  /** Class of each row, `[rows]`; -1 where the row holds no image, which happens in evaluation only. */
  readonly labels: Int32Array;
  /** Rows that hold an image: what a batch counts for. */
  readonly size: number;
  /** `[height, width, channels]` of these images. Default: the dataset's. */
  readonly imageShape?: readonly [height: number, width: number, channels: number];
  /** What was drawn for the colours of each row, float32 `[rows, columns]`; in training only, where colours are varied. */
  readonly colors?: Float32Array;
  /** Where each row's image is in its collection, `[rows]`; -1 where the row holds none. */
  readonly indices?: Int32Array;
}

/** A batch as the loader makes it. */
export interface LoadedBatch extends Batch {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** Index in the source of each row's image, `[rows]`; -1 where the row holds no image. */
  readonly indices: Int32Array;
}
