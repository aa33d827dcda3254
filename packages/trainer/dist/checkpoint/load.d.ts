import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import { type ResNet } from '@bag-of-tricks/resnet-variants';
import { type CheckpointState } from './state.ts';
/** A checkpoint on disk, its state read and its tensors not yet. */
export interface OpenedCheckpoint {
    readonly folder: string;
    readonly state: CheckpointState;
}
/**
 * Open a checkpoint folder, or the checkpoint `link` of a run folder.
 *
 * @throws Error when there is none, or its state is damaged.
 */
export declare function openCheckpoint(path: string, link: 'last' | 'best'): Promise<OpenedCheckpoint>;
/** Load the weights and running statistics into `model`; nothing is changed when a name or a shape does not fit. */
export declare function restoreModel({ folder }: OpenedCheckpoint, model: ResNet): Promise<void>;
/** Load the velocities into `optimizer`. */
export declare function restoreOptimizer({ folder }: OpenedCheckpoint, optimizer: NesterovSgd): Promise<void>;
/** The network of a checkpoint with its weights, for evaluation or as a teacher. */
export declare function loadModel(checkpoint: OpenedCheckpoint): Promise<ResNet>;
//# sourceMappingURL=load.d.ts.map