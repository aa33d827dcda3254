import { distillationLoss } from '@bag-of-tricks/distill';
import { smoothedSoftmaxCrossEntropy, smoothLabels } from '@bag-of-tricks/label-smoothing';
import { mixup } from '@bag-of-tricks/mixup';
import * as tf from '@tensorflow/tfjs-core';
import { descend } from "./loss-scaling.js";
import { normalizeImages } from "./normalize.js";
/**
 * Compose the tricks into one training step, in the paper's order: normalise, smooth the labels, mix, forward in training mode,
 * cross-entropy (with the teacher's soft targets on the same mixed images), backward, Nesterov update.
 */
export function createTrainStep({ model, teacher, optimizer, lossScaling, pixels, numClasses, config, }) {
    const { epsilon, form } = config.labelSmoothing ?? { epsilon: 0, form: 'uniform' };
    const parameters = Object.values(model.parameters);
    return ({ images, labels, learningRate, lambda }) => tf.tidy(() => {
        const normalized = normalizeImages(images, pixels);
        const targets = smoothLabels(labels, { epsilon, form, numClasses });
        const batch = config.mixup
            ? mixup(normalized, targets, { lambda })
            : { inputs: normalized, labels: targets };
        const teacherLogits = teacher?.apply(batch.inputs, { training: false });
        let logits;
        const loss = () => {
            logits = tf.keep(model.apply(batch.inputs, { training: true }));
            if (!teacherLogits || !config.distillation) {
                return smoothedSoftmaxCrossEntropy(batch.labels, logits, { epsilon: 0 });
            }
            const { temperature, form, hardWeight } = config.distillation;
            return distillationLoss(batch.labels, logits, teacherLogits, form === 'paper' ? { temperature, form } : { temperature, form, hardWeight }).loss;
        };
        const update = (gradients) => optimizer.applyGradients(gradients, learningRate);
        const descent = descend({ loss, parameters, update }, lossScaling);
        const hits = tf.equal(tf.argMax(logits, 1), tf.argMax(batch.labels, 1));
        const top1 = tf.mean(tf.cast(hits, 'float32'));
        logits.dispose();
        return { ...descent, top1 };
    });
}
//# sourceMappingURL=train-step.js.map