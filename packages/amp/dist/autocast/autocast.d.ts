import { type LowPrecision } from './low-precision.ts';
export interface AutocastOptions {
    /** `float16` needs loss scaling; `bfloat16` has float32's range and needs none. */
    readonly dtype: LowPrecision;
}
/**
 * Runs `fn` in mixed precision: matrix ops in FP16 or BF16, what is sensitive in FP32 (He et al. 2019, section 3.2).
 *
 * ```
 * y = conv(half(x), half(w)),   w := w - update(float(dL/dw))
 * ```
 *
 * `fn` is synchronous and runs inside `tf.tidy`: a forward pass, or better a whole training step, eager or inside of
 * `compile`. Convolutions, their gradients and matrix products run in `dtype`; batch norm, ReLU, pooling and sums follow
 * their inputs; all else, such as softmax, losses, reductions and the update, runs in float32. Variables stay float32 and are cast once a call.
 * To JavaScript every tensor is float32: reading one converts, and what `fn` returns or keeps is converted when it ends.
 * Differentiate inside of it too, or the backward pass runs in float32 on converted activations.
 *
 * @example
 * ```ts no-run
 * import { autocast } from '@bag-of-tricks/amp';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import * as tf from '@tensorflow/tfjs-core';
 *
 * await registerTensorFlowBackend();
 * const weight = tf.variable(tf.ones([4, 2]));
 * const { value, grads } = autocast({ dtype: 'bfloat16' }, () =>
 *   tf.variableGrads(() => tf.matMul(tf.ones([3, 4]), weight).square().mean().asScalar()),
 * );
 * ```
 *
 * Where implementations differ: PyTorch's `autocast` wraps the forward pass only, and the backward pass takes its types;
 * TensorFlow.js records no types, so here both are inside. Calls nest only with the same `dtype`.
 *
 * @throws TypeError for another `dtype` or a `fn` that returns a promise; Error on a backend or a device that cannot do it, never a
 * silent float32 run.
 */
export declare function autocast<T>({ dtype }: AutocastOptions, fn: () => T): T;
//# sourceMappingURL=autocast.d.ts.map