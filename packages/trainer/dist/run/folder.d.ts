import type { TrainConfig } from '../config/schema.ts';
/**
 * Create the folder of a new run, `<output>/<experiment>` or `<output>/<date>-<time>-<model>-<image size>`, with `args.yaml` in it.
 *
 * @throws Error when the experiment's folder exists: a run is never overwritten.
 */
export declare function createRunFolder(config: TrainConfig, { imageSize, now }: {
    readonly imageSize: number;
    readonly now: Date;
}): string;
//# sourceMappingURL=folder.d.ts.map