import type { Profile } from '@bag-of-tricks/graph';
import type { TrainConfigInput } from './config/schema.ts';
/**
 * Take a few steps of a run and say where the time of one goes, by TensorFlow's own notes. Nothing is written.
 *
 * @throws ConfigError when the configuration does not fit, or asks for op by op.
 */
export declare function profileStep(input: TrainConfigInput, { onProgress }?: {
    readonly onProgress?: (message: string) => void;
}): Promise<Profile>;
//# sourceMappingURL=profile-step.d.ts.map