import type { Binding, TensorMetadata } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';

/** An op as TensorFlow ran it, or added it to its graph. */
export interface RecordedOp {
  readonly name: string;
  readonly inputs: readonly number[];
  /** With the types that TensorFlow returned. */
  readonly outputs: readonly TensorMetadata[];
}

export const FLOAT = 1;
export const lowTypes = { float16: 19, bfloat16: 14 } as const;

/** Notes the ops of `fn`, beneath an autocast inside of it: on the eager binding, or on a graph's inside of `compile`. */
export function recordOps<T>(fn: () => T): { readonly result: T; readonly ops: RecordedOp[] } {
  const backend = tf.backend() as unknown as { binding: Binding };
  const inner = backend.binding;
  const ops: RecordedOp[] = [];
  const methods = ['createTensor', 'deleteTensor', 'tensorDataSync', 'isUsingGpuDevice'] as const;
  const bound = methods.map((name) => [name, (inner[name] as () => unknown).bind(inner)]);
  backend.binding = Object.assign(Object.create(inner), Object.fromEntries(bound), {
    getNumOfTensors: inner.getNumOfTensors.bind(inner),
    executeOp: (...call: Parameters<Binding['executeOp']>) => {
      const outputs = inner.executeOp(...call);
      ops.push({
        name: call[0],
        inputs: [...call[2]],
        outputs: outputs.map((one) => ({ ...one })),
      });
      return outputs;
    },
  });
  try {
    return { result: fn(), ops };
  } finally {
    backend.binding = inner;
  }
}

/** How often each op ran, by its name and the type of its first output. */
export function countOps(ops: readonly RecordedOp[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, outputs } of ops) {
    const key = `${name} ${typeName(outputs[0]!.dtype)}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function typeName(dtype: number): string {
  return (
    { 1: 'float32', 14: 'bfloat16', 19: 'float16', 3: 'int32', 10: 'bool' }[dtype] ?? `${dtype}`
  );
}
