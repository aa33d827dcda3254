import * as tf from '@tensorflow/tfjs-core';
import { activeScope, withScope } from './active-scope.ts';
import { checkLowPrecision, type LowPrecision } from './low-precision.ts';
import { requireNativeBackend } from './native-backend.ts';
import { type PrecisionProbe, probe } from './probe.ts';
import { Scope } from './scope.ts';

export interface AutocastOptions {
  /** `float16` needs loss scaling; `bfloat16` has float32's range and needs none. */
  readonly dtype: LowPrecision;
  /**
   * Whether the device's own kernels compute in `dtype`, or float32 on operands rounded to it. Default: what `probePrecision` says;
   * its result may be passed in whole, as to go on elsewhere as before.
   */
  readonly native?: PrecisionProbe['native'];
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
 * Where the device does not compute in `dtype` itself, as `probePrecision` sees once, convolutions, products, batch norm and
 * average pooling run in float32 on operands rounded to `dtype`, and what they give is rounded: the errors of hardware that does.
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
 * @throws TypeError for another `dtype` or `native` or a `fn` that returns a promise; Error on a backend or a device that cannot do it, never a
 * silent float32 run.
 */
export function autocast<T>({ dtype, native }: AutocastOptions, fn: () => T): T {
  checkLowPrecision('autocast', dtype);
  if (native !== undefined && native !== 'fast' && native !== 'emulated') {
    throw new TypeError(
      `autocast: expected native to be 'fast' or 'emulated', got ${JSON.stringify(native)}. Leave it out for what the device does.`,
    );
  }
  const backend = requireNativeBackend('autocast');
  const tidied = () => tf.tidy(() => synchronous(fn()) as tf.TensorContainer) as T;
  const outer = activeScope()?.autocast;
  if (outer !== undefined) {
    if (outer.dtype === dtype && (native ?? outer.native) === outer.native) return tidied();
    throw new Error(
      `autocast: expected dtype '${outer.dtype}', ${outer.native}, of the call around it, got '${dtype}'${native ? `, ${native}` : ''}. Use one in a step.`,
    );
  }
  const device = probe('autocast', backend, dtype);
  return withScope(new Scope(backend, { dtype, native: native ?? device.native }), tidied);
}

function synchronous<T>(result: T): T {
  if (typeof (result as PromiseLike<unknown> | null)?.then !== 'function') return result;
  // Its own errors come after ours, when nobody listens.
  (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new TypeError(
    'autocast: expected fn to be synchronous, got a promise. Await outside of fn, and pass in what it gives.',
  );
}
