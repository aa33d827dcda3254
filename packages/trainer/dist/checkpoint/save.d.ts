import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import { type ResNet } from '@bag-of-tricks/resnet-variants';
import type { CheckpointState } from './state.ts';
/** What a checkpoint holds. */
export interface Checkpoint {
    readonly model: ResNet;
    readonly optimizer: NesterovSgd;
    readonly state: CheckpointState;
    /** Steps taken since the beginning of the run. */
    readonly step: number;
}
/**
 * Write `epoch-<e>-step-<n>/{model.safetensors, optimizer.safetensors, state.json}` below `folder`, then move the links `last` and, if
 * asked, `best` to it and delete what neither names. A kill at any moment leaves both links on whole checkpoints.
 * Model tensors have timm's names and PyTorch's layouts; optimiser tensors have TensorFlow.js's layouts.
 */
export declare function saveCheckpoint(folder: string, { model, optimizer, state, step }: Checkpoint, { best }: {
    readonly best: boolean;
}): Promise<void>;
//# sourceMappingURL=save.d.ts.map