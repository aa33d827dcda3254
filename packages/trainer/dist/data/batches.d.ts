import type { Batch, Dataset, ImageSet } from './dataset.ts';
/** Options of `trainBatches`. */
export interface TrainBatchesOptions {
    readonly seed: number;
    readonly epoch: number;
    readonly batchSize: number;
    /** Step of the epoch to begin with; a resumed run passes the one that it stopped at. */
    readonly firstStep: number;
    readonly stepsPerEpoch: number;
    readonly limitSamples: number | null;
    readonly augment: {
        readonly cropPadding: number;
        readonly flip: boolean;
    };
}
/** Number of training images that a run uses. */
export declare function trainSize(dataset: Dataset, limitSamples: number | null): number;
/**
 * The augmented batches of one epoch. The order and each image's crop depend only on (seed, epoch, index), so the sequence
 * from `firstStep` on equals the tail of the whole epoch's. An incomplete last batch is dropped; an epoch longer than the data
 * goes through the same order again with new crops.
 */
export declare function trainBatches(dataset: Dataset, options: TrainBatchesOptions): Generator<Batch>;
/** The images of a split in order, unchanged; the last batch may be smaller. */
export declare function evalBatches(set: ImageSet, { pixelsPerImage, batchSize }: {
    readonly pixelsPerImage: number;
    readonly batchSize: number;
}): Generator<Batch>;
//# sourceMappingURL=batches.d.ts.map