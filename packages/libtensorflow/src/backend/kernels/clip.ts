import {
  type ClipByValueAttrs,
  engine,
  type KernelConfig,
  Relu,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { floatType } from './attributes.ts';
import { inputsOf } from './tape.ts';

/** The attributes of clips to [0, 6] whose input is relu's output. */
const clipsOfRelu = new WeakSet<object>();

/** Whether a clip, named by the attributes of its call, is the upper half of a relu6, as the ReLU layer of tf.layers has it. */
export function wasReluClip(attributes: object | undefined): boolean {
  return attributes !== undefined && clipsOfRelu.has(attributes);
}

/** tfjs-node's kernel, but one op in place of two for the range of relu6. */
export function leanClipKernel(stock: KernelConfig): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs.x as Tensor;
      const { clipValueMin, clipValueMax } = call.attrs as unknown as ClipByValueAttrs;
      const isRelu6 = clipValueMin === 0 && clipValueMax === 6 && x.dtype === 'float32';
      if (!isRelu6) return stock.kernelFunc(call);
      // Not in a tape within a tape: the inner one may be differentiated by relu's output.
      const isOnce = engine().state.gradientDepth === 1;
      if (isOnce && inputsOf(x, Relu) !== undefined) clipsOfRelu.add(call.attrs!);
      const native = call.backend as NodeBackend;
      return native.executeSingleOutput('Relu6', [floatType(native.binding, 'T')], [x]);
    },
  };
}
