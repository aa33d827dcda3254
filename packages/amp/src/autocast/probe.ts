import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import { cast } from './cast.ts';
import { FLOAT, type LowPrecision, lowTypes } from './low-precision.ts';
import type { NativeBackend } from './native-backend.ts';

const passed = new WeakMap<NativeBackend, Set<LowPrecision>>();

/** `requireProbe`, unless it passed before: inside of `compile`, no op would truly run. */
export function requireProbeOnce(
  caller: string,
  backend: NativeBackend,
  dtype: LowPrecision,
): void {
  if (!passed.get(backend)?.has(dtype)) requireProbe(caller, backend, dtype);
}

/**
 * Runs one convolution in `dtype`.
 *
 * @throws Error unless it answers a tensor of that type.
 */
export function requireProbe(caller: string, backend: NativeBackend, dtype: LowPrecision): void {
  let answer: number | undefined;
  try {
    answer = probe(backend.binding, lowTypes[dtype]);
  } catch (error) {
    throw new Error(
      `${caller}: expected a device that computes in ${dtype}, but a probe failed: ${(error as Error).message} Use another dtype, or train in float32.`,
      { cause: error },
    );
  }
  if (answer !== lowTypes[dtype]) {
    throw new Error(
      `${caller}: expected a convolution to answer ${dtype} (type ${lowTypes[dtype]}), got type ${answer}. Use another dtype, or train in float32.`,
    );
  }
  passed.set(backend, (passed.get(backend) ?? new Set()).add(dtype));
}

/** The type that a convolution in `type` answers. */
function probe(binding: Binding, type: number): number | undefined {
  const values = binding.createTensor([1, 1, 1, 1], FLOAT, Float32Array.of(1));
  const low = cast(binding, values, FLOAT, type);
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: type },
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
  ];
  try {
    const [output] = binding.executeOp('Conv2D', attributes, [low, low], 1);
    if (output !== undefined) binding.deleteTensor(output.id);
    return output?.dtype;
  } finally {
    binding.deleteTensor(low);
    binding.deleteTensor(values);
  }
}
