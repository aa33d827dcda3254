import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { median } from '../statistics.ts';

/** Microseconds that one op of a size where computing costs nothing takes from JavaScript and back. */
export interface EagerOpTimes {
  /** `tf.add`, with all that TensorFlow.js does around the kernel. */
  readonly throughTensorFlowJs: number;
  /** The same op straight through the binding. */
  readonly throughBinding: number;
}

const callsPerSample = 2000;

/** The median over some samples of the time of one call. */
function microseconds(call: () => void, samples: number): number {
  const times = Array.from({ length: samples }, () => {
    const start = performance.now();
    for (let i = 0; i < callsPerSample; i++) call();
    return ((performance.now() - start) * 1000) / callsPerSample;
  });
  // The first one also compiles the JavaScript.
  return median(times.slice(1));
}

/** Measures what calling an op costs apart from computing it. */
export async function eagerOp({ samples }: { readonly samples: number }): Promise<EagerOpTimes> {
  const { binding } = await registerTensorFlowBackend();
  const a = tf.scalar(1);
  const b = tf.scalar(2);
  const throughTensorFlowJs = microseconds(() => tf.add(a, b).dispose(), samples + 1);
  const one = new Float32Array([1]);
  const ids = [
    binding.createTensor([], binding.TF_FLOAT, one),
    binding.createTensor([], binding.TF_FLOAT, one),
  ];
  const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
  const throughBinding = microseconds(() => {
    const [sum] = binding.executeOp('AddV2', attributes, ids, 1);
    binding.deleteTensor(sum!.id);
  }, samples + 1);
  return { throughTensorFlowJs, throughBinding };
}
