import {
  constant,
  cosineDecay,
  polynomialDecay,
  type Schedule,
  scaleLearningRate,
  stepDecay,
  withWarmup,
} from '@bag-of-tricks/lr-schedules';
import { type NesterovSgd, nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { createModel, type ResNet } from '@bag-of-tricks/resnet-variants';
import type { TrainConfig } from './config/schema.ts';

/** The student network of a configuration, freshly initialised. */
export function buildModel(
  config: Pick<TrainConfig, 'model' | 'zeroGamma' | 'init' | 'seed'>,
  { numClasses, inputChannels }: { readonly numClasses: number; readonly inputChannels: number },
): ResNet {
  const { zeroGamma, init, seed } = config;
  return createModel(config.model, { numClasses, inputChannels, zeroGamma, init, seed });
}

/** Nesterov SGD over the model's parameters, with or without decay of biases and batch-norm parameters. */
export function buildOptimizer(
  model: ResNet,
  { momentum, weightDecay, noBiasDecay: decayWeightsOnly }: TrainConfig['optimizer'],
): NesterovSgd {
  const parameters = decayWeightsOnly
    ? noBiasDecay(model.parameters, { weightDecay })
    : model.parameters;
  return nesterovSgd(parameters, { momentum, weightDecay });
}

/**
 * The learning rate of every step of the run: linear scaling, then warmup, then decay over the steps that remain
 * (the paper's T leaves the warmup out, section 5.1). The boundaries of step decay count from the start of training.
 */
export function buildSchedule(config: TrainConfig, stepsPerEpoch: number): Schedule {
  const { base, baseBatchSize, linearScaling } = config.learningRate;
  const { name, end, boundaries, factor, power } = config.schedule;
  const peak = linearScaling
    ? scaleLearningRate(base, { batchSize: config.batchSize, baseBatchSize })
    : base;
  const warmupSteps = Math.round((config.warmup?.epochs ?? 0) * stepsPerEpoch);
  const steps = config.epochs * stepsPerEpoch - warmupSteps;
  const decay = (): Schedule => {
    switch (name) {
      case 'cosine':
        return cosineDecay({ peak, steps, end });
      case 'polynomial':
        return polynomialDecay({ base: peak, steps, end, power });
      case 'constant':
        return constant(peak);
      case 'step':
        return stepDecay({
          base: peak,
          factor,
          boundaries: boundaries.map((epoch) => Math.round(epoch * stepsPerEpoch) - warmupSteps),
        });
    }
  };
  if (!config.warmup || warmupSteps === 0) return decay();
  return withWarmup(decay(), { steps: warmupSteps, form: config.warmup.form });
}
