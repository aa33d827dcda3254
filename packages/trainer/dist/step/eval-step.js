import * as tf from '@tensorflow/tfjs-core';
import { normalizeImages } from "./normalize.js";
/** Cross-entropy against the true class, and how often it is among the first one and the first five. */
export function createEvalStep({ model, pixels, numClasses, }) {
    return ({ images, labels }) => tf.tidy(() => {
        const logits = model.apply(normalizeImages(images, pixels), { training: false });
        const oneHot = tf.cast(tf.oneHot(labels, numClasses), 'float32');
        const lossSum = tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits))));
        const ofTrueClass = tf.sum(tf.mul(oneHot, logits), 1, true);
        const rank = tf.sum(tf.cast(tf.greater(logits, ofTrueClass), 'int32'), 1);
        const within = (k) => tf.sum(tf.cast(tf.less(rank, tf.scalar(k, 'int32')), 'int32'));
        return { lossSum, top1Count: within(1), top5Count: within(5) };
    });
}
//# sourceMappingURL=eval-step.js.map