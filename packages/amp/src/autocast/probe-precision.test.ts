import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { compile } from '@bag-of-tricks/graph';
import type { Binding } from '@bag-of-tricks/libtensorflow/native';
import { describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { FLOAT, lowTypes, recordOps } from '../../test/support/record-ops.ts';
import {
  autocast,
  fastPrecision,
  type LowPrecision,
  nativeDtype,
  probePrecision,
} from '../index.ts';
import { cast } from './cast.ts';
import type { NativeBackend } from './native-backend.ts';
import { measure } from './probe.ts';

const backend = useTensorFlow();
const native = () => tf.backend() as NativeBackend;
const dtypes = ['float16', 'bfloat16'] as const;

/** Runs a convolution in a low type, as a device would of which a test wants to know what is said. */
type Kernel = (
  binding: Binding,
  call: Parameters<Binding['executeOp']>,
) => ReturnType<Binding['executeOp']>;

/** A device whose convolutions in low types are `kernel`, and in float32 take `float32Ms` more; `change` says what else differs. */
function probeOn(dtype: LowPrecision, kernel: Kernel, { float32Ms = 0, isGpu = false } = {}) {
  const { binding } = native();
  const fake = Object.assign(Object.create(binding) as Binding, {
    createTensor: binding.createTensor.bind(binding),
    deleteTensor: binding.deleteTensor.bind(binding),
    tensorDataSync: binding.tensorDataSync.bind(binding),
    isUsingGpuDevice: () => isGpu,
    executeOp: (...call: Parameters<Binding['executeOp']>) => {
      const type = call[1].find(({ name }) => name === 'T')?.value;
      if (type !== undefined && type !== FLOAT) return kernel(binding, call);
      if (type === FLOAT) wait(float32Ms);
      return binding.executeOp(...call);
    },
  });
  return measure('probePrecision', fake, dtype);
}

function wait(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** As hardware does it: sums in float32, and one rounding, here to another type if need be. */
const roundingTo =
  (rounded: number): Kernel =>
  (binding, [name, attributes, ids, count]) => {
    const type = attributes.find((one) => one.name === 'T')!.value as number;
    const wide = ids.map((id, i) => (isShape(name, i) ? id : cast(binding, id, type, FLOAT)));
    const typed = attributes.map((one) => (one.name === 'T' ? { ...one, value: FLOAT } : one));
    const [output] = binding.executeOp(name, typed, wide, count);
    const coarse = cast(binding, output!.id, FLOAT, rounded);
    const id = rounded === type ? coarse : cast(binding, coarse, rounded, type);
    const temporary = [...wide.filter((_, i) => !isShape(name, i)), output!.id];
    for (const made of id === coarse ? temporary : [...temporary, coarse])
      binding.deleteTensor(made);
    return [{ ...output!, id, dtype: type }];
  };
const isShape = (name: string, i: number) =>
  (name === 'Conv2DBackpropInput' && i === 0) || (name === 'Conv2DBackpropFilter' && i === 1);

describe.each(dtypes)('probePrecision of %s', (dtype) => {
  const right = roundingTo(lowTypes[dtype]);

  test('says what this device does, with the evidence, and keeps nothing', () => {
    const handles = backend().nativeHandleCount();
    const { ops, result } = recordOps(() => measure('test', native().binding, dtype));
    expect(backend().nativeHandleCount()).toBe(handles);
    const run = new Set(ops.map(({ name, outputs }) => `${name} ${outputs[0]!.dtype}`));
    // Whether more than the first ran, the device decides.
    expect(run).toContain(`Cast ${lowTypes[dtype]}`);
    expect(result.dtype).toBe(dtype);
    if (result.native === 'fast') expect(result.timeOverFloat32).toBeLessThanOrEqual(1);
    expect(probePrecision({ dtype }).dtype).toBe(dtype);
    expect(probePrecision({ dtype })).toBe(probePrecision({ dtype }));
  });

  test('calls kernels fast that are right and quicker than float32', () => {
    const handles = backend().nativeHandleCount();
    const seen = probeOn(dtype, right, { float32Ms: 100 });
    expect(seen).toMatchObject({ dtype, native: 'fast' });
    expect(seen.error).toBeCloseTo(
      dtype === 'float16' ? 2.1e-4 : 1.7e-3,
      dtype === 'float16' ? 5 : 4,
    );
    expect(seen.timeOverFloat32).toBeLessThan(1);
    expect(backend().nativeHandleCount()).toBe(handles);
  });

  test('calls kernels fast that another process held up for a round', () => {
    let calls = 0;
    const heldUp: Kernel = (binding, call) => {
      // Three see whether it is right, three warm up, and these are the first that are timed.
      if (calls++ === 6) wait(400);
      return right(binding, call);
    };
    expect(probeOn(dtype, heldUp, { float32Ms: 30 }).native).toBe('fast');
  });

  test('emulates what is right but slower than float32', () => {
    const slow: Kernel = (binding, call) => {
      wait(100);
      return right(binding, call);
    };
    const seen = probeOn(dtype, slow);
    expect(seen.native).toBe('emulated');
    expect(seen.timeOverFloat32).toBeGreaterThan(1);
  });

  test('emulates what fails or computes in another type', () => {
    const fails: Kernel = () => {
      throw new Error('could not create a primitive descriptor');
    };
    const emulated = { dtype, native: 'emulated', error: null, timeOverFloat32: null };
    expect(probeOn(dtype, fails)).toEqual(emulated);
    const wide: Kernel = (binding, call) =>
      right(binding, call).map((output) => ({ ...output, dtype: FLOAT }));
    const handles = backend().nativeHandleCount();
    expect(probeOn(dtype, wide)).toEqual(emulated);
    expect(backend().nativeHandleCount()).toBe(handles);
  });

  test('believes a GPU whose convolutions run, and is an error where they do not', () => {
    const seen = probeOn(dtype, right, { isGpu: true });
    expect(seen).toEqual({ dtype, native: 'fast', error: null, timeOverFloat32: null });
    const fails: Kernel = () => {
      throw new Error('No algorithm worked!');
    };
    expect(() => probeOn(dtype, fails, { isGpu: true })).toThrow(
      `expected a device that computes in ${dtype}, but a probe failed: No algorithm worked!`,
    );
  });
});

test('emulates what is coarse: float16 that is rounded as bfloat16', () => {
  const seen = probeOn('float16', roundingTo(lowTypes.bfloat16), { float32Ms: 100 });
  expect(seen).toMatchObject({ native: 'emulated', timeOverFloat32: null });
  expect(seen.error).toBeCloseTo(1.7e-3, 4);
});

test('is an error on a backend or a device that cannot do it', async () => {
  const { binding } = native();
  const executeOp = () => {
    throw new Error('No OpKernel was registered.');
  };
  const fake = Object.assign(Object.create(binding) as Binding, {
    createTensor: () => 0,
    deleteTensor: () => {},
    executeOp,
  });
  expect(() => measure('probePrecision', fake, 'bfloat16')).toThrow(
    /probePrecision: expected a device that computes in bfloat16, but a probe failed: No OpKernel/,
  );
  await tf.setBackend('cpu');
  expect(() => probePrecision({ dtype: 'bfloat16' })).toThrow(
    /probePrecision: expected the backend 'tensorflow', got 'cpu'/,
  );
  expect(fastPrecision()).toBeUndefined();
  await tf.setBackend('tensorflow');
});

test('is an error inside of autocast, or for another dtype', () => {
  const inside = () =>
    autocast({ dtype: 'bfloat16' }, () => void probePrecision({ dtype: 'bfloat16' }));
  expect(inside).toThrow(/outside of autocast/);
  expect(() => probePrecision({ dtype: 'float32' as 'float16' })).toThrow(TypeError);
});

test('the fast precision is the one that a probe calls so', () => {
  const fast = dtypes.filter((dtype) => probePrecision({ dtype }).native === 'fast');
  expect(fast.length === 0 ? [undefined] : fast).toContain(fastPrecision());
});

test('a graph is traced while the device is asked, and says the same', async () => {
  let seen: unknown;
  const compiled = await compile(
    ({ x }: { x: tf.Tensor }) => {
      seen = measure('test', native().binding, 'bfloat16').error;
      return autocast({ dtype: 'bfloat16' }, () => {
        const y = tf.matMul(x as tf.Tensor2D, tf.ones([2, 2]));
        expect(nativeDtype(y)).toBe('bfloat16');
        return y as tf.Tensor2D;
      });
    },
    { inputs: { x: { shape: [1, 2] } } },
  );
  expect([...(await compiled.run({ x: [1, 2] })).values]).toEqual([3, 3]);
  expect(seen).toBe(probePrecision({ dtype: 'bfloat16' }).error);
  await compiled.dispose();
});
