import type { Batch } from '@bag-of-tricks/image-data';

type ImageShape = readonly [height: number, width: number, channels: number];

/**
 * The images of a batch without its empty rows, filled up to a power of two or to `batchSize`: a graph is made for each number of rows,
 * so that these are few. `indices` are the images' places in their source.
 */
export function paddedRows(
  batch: Batch,
  imageShape: ImageShape,
  batchSize: number,
): { readonly rows: Batch; readonly indices: readonly number[] } {
  const places = Array.from(batch.indices!, (index, row) => ({ index, row })).filter(
    ({ index }) => index >= 0,
  );
  const rows = Math.min(2 ** Math.ceil(Math.log2(places.length)), batchSize);
  const pixels = imageShape[0] * imageShape[1] * imageShape[2];
  let { images } = batch;
  if (places.length < batch.labels.length || rows !== batch.labels.length) {
    images = new Uint8Array(rows * pixels);
    for (const [at, { row }] of places.entries()) {
      images.set(batch.images.subarray(row * pixels, (row + 1) * pixels), at * pixels);
    }
  }
  const labels = new Int32Array(rows).fill(-1);
  return {
    rows: { images, labels, size: 0, imageShape },
    indices: places.map(({ index }) => index),
  };
}
