import { constant, cosineDecay, polynomialDecay, scaleLearningRate, stepDecay, withWarmup, } from '@bag-of-tricks/lr-schedules';
import { nesterovSgd, noBiasDecay } from '@bag-of-tricks/nesterov-sgd';
import { createModel } from '@bag-of-tricks/resnet-variants';
/** The student network of a configuration, freshly initialised. */
export function buildModel(config, { numClasses, inputChannels }) {
    const { zeroGamma, init, seed } = config;
    return createModel(config.model, { numClasses, inputChannels, zeroGamma, init, seed });
}
/** Nesterov SGD over the model's parameters, with or without decay of biases and batch-norm parameters. */
export function buildOptimizer(model, { momentum, weightDecay, noBiasDecay: decayWeightsOnly }) {
    const parameters = decayWeightsOnly
        ? noBiasDecay(model.parameters, { weightDecay })
        : model.parameters;
    return nesterovSgd(parameters, { momentum, weightDecay });
}
/**
 * The learning rate of every step of the run: linear scaling, then warmup, then decay over the steps that remain
 * (the paper's T leaves the warmup out, section 5.1). The boundaries of step decay count from the start of training.
 */
export function buildSchedule(config, stepsPerEpoch) {
    const { base, baseBatchSize, linearScaling } = config.learningRate;
    const { name, end, boundaries, factor, power } = config.schedule;
    const peak = linearScaling
        ? scaleLearningRate(base, { batchSize: config.batchSize, baseBatchSize })
        : base;
    const warmupSteps = Math.round((config.warmup?.epochs ?? 0) * stepsPerEpoch);
    const steps = config.epochs * stepsPerEpoch - warmupSteps;
    const decay = () => {
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
    if (!config.warmup || warmupSteps === 0)
        return decay();
    return withWarmup(decay(), { steps: warmupSteps, form: config.warmup.form });
}
//# sourceMappingURL=recipe.js.map