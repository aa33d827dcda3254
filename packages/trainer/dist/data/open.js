import { trainSize } from "./batches.js";
import { fashionMnist } from "./fashion-mnist.js";
import { syntheticDataset } from "./synthetic.js";
/** Open the dataset that the configuration names. */
export function openDataset(config, options) {
    switch (config.dataset) {
        case 'fashion-mnist':
            return fashionMnist(options);
        case 'synthetic':
            return Promise.resolve(syntheticDataset({ ...config.synthetic, seed: config.seed }));
    }
}
/**
 * Steps of one epoch: all full batches, or `stepsPerEpoch` when it is set.
 *
 * @throws RangeError when there are fewer images than one batch needs.
 */
export function stepsInEpoch(dataset, { batchSize, stepsPerEpoch, limitSamples, }) {
    const size = trainSize(dataset, limitSamples);
    if (size < batchSize) {
        throw new RangeError(`batchSize: expected at most the ${size} training images that are used, got ${batchSize}. Lower --batch-size or raise --limit-samples`);
    }
    return stepsPerEpoch ?? Math.floor(size / batchSize);
}
//# sourceMappingURL=open.js.map