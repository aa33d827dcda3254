import type { Dataset } from './dataset.ts';
/** Options of `syntheticDataset`. */
export interface SyntheticOptions {
    readonly imageSize: number;
    readonly channels: number;
    readonly numClasses: number;
    readonly trainSamples: number;
    readonly evalSamples: number;
    readonly seed: number;
}
/**
 * Images of noise over a brightness gradient whose direction tells the class: learnable, and needing no file.
 * For benchmarks and smoke tests of the whole path.
 */
export declare function syntheticDataset(options: SyntheticOptions): Dataset;
//# sourceMappingURL=synthetic.d.ts.map