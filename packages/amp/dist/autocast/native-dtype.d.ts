import type * as tf from '@tensorflow/tfjs-core';
import type { LowPrecision } from './low-precision.ts';
/**
 * The type that a tensor truly has in TensorFlow, where `tensor.dtype` says float32 (Micikevicius et al. 2018, section 3).
 *
 * Inside of `autocast` this is `'float16'` or `'bfloat16'` for what was computed in low precision; for all other tensors,
 * and everywhere outside of it, it is `tensor.dtype`, because what leaves `autocast` is cast to float32.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs-core';
 * import { autocast, nativeDtype } from '@bag-of-tricks/amp';
 *
 * autocast({ dtype: 'bfloat16' }, () => nativeDtype(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])))); // 'bfloat16'
 * ```
 *
 * Where implementations differ: PyTorch shows it as `tensor.dtype`; tfjs has no name for it.
 *
 * @throws Error for a tensor that was disposed.
 */
export declare function nativeDtype(tensor: tf.Tensor): LowPrecision | tf.DataType;
//# sourceMappingURL=native-dtype.d.ts.map