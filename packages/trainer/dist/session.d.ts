import type { Schedule } from '@bag-of-tricks/lr-schedules';
import type { NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import type { ResNet } from '@bag-of-tricks/resnet-variants';
import { type Backend } from './backend.ts';
import { type OpenedCheckpoint } from './checkpoint/load.ts';
import type { TrainConfig } from './config/schema.ts';
import type { Dataset } from './data/dataset.ts';
import { type LossScaling } from './step/loss-scaling.ts';
import { type Precision } from './step/precision.ts';
import type { StepRunner } from './step/runner.ts';
/** Everything that a run works with, built from its configuration and, when it goes on, from its checkpoint. */
export interface Session {
    /** With the precision that was chosen on this device, so that the run goes on in it on another. */
    readonly config: TrainConfig;
    readonly backend: Backend;
    /** Null for float32. */
    readonly precision: Precision | null;
    readonly dataset: Dataset;
    readonly stepsPerEpoch: number;
    readonly schedule: Schedule;
    readonly model: ResNet;
    readonly optimizer: NesterovSgd;
    readonly lossScaling: LossScaling | null;
    readonly runner: StepRunner;
    dispose(): Promise<void>;
}
/** Load the backend and the data, build the network, the optimiser and the step, and restore a checkpoint into them. */
export declare function openSession(requested: TrainConfig, checkpoint: OpenedCheckpoint | null, onProgress?: (message: string) => void): Promise<Session>;
//# sourceMappingURL=session.d.ts.map