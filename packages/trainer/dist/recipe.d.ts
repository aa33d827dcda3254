import { type Schedule } from '@bag-of-tricks/lr-schedules';
import { type NesterovSgd } from '@bag-of-tricks/nesterov-sgd';
import { type ResNet } from '@bag-of-tricks/resnet-variants';
import type { TrainConfig } from './config/schema.ts';
/** The student network of a configuration, freshly initialised. */
export declare function buildModel(config: Pick<TrainConfig, 'model' | 'zeroGamma' | 'init' | 'seed'>, { numClasses, inputChannels }: {
    readonly numClasses: number;
    readonly inputChannels: number;
}): ResNet;
/** Nesterov SGD over the model's parameters, with or without decay of biases and batch-norm parameters. */
export declare function buildOptimizer(model: ResNet, { momentum, weightDecay, noBiasDecay: decayWeightsOnly }: TrainConfig['optimizer']): NesterovSgd;
/**
 * The learning rate of every step of the run: linear scaling, then warmup, then decay over the steps that remain
 * (the paper's T leaves the warmup out, section 5.1). The boundaries of step decay count from the start of training.
 */
export declare function buildSchedule(config: TrainConfig, stepsPerEpoch: number): Schedule;
//# sourceMappingURL=recipe.d.ts.map