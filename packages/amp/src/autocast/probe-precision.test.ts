import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { lowTypes, recordOps } from '../../test/support/record-ops.ts';
import { autocast, fastPrecision, probePrecision } from '../index.ts';
import { parseCpuFlags } from './cpu-flags.ts';

const backend = useTensorFlow();
const flags = (text: string) => parseCpuFlags(`processor : 0\n${text}\nbogomips : 1\n`);
const sapphireRapids = flags('flags\t\t: fpu avx512f avx512_bf16 amx_bf16');
const skylake = flags('flags\t\t: fpu avx2 avx512f');

describe('probePrecision', () => {
  test.each(['float16', 'bfloat16'] as const)('runs a convolution in %s', (dtype) => {
    const handles = backend().nativeHandleCount();
    const { ops } = recordOps(() => probePrecision({ dtype }));
    const convolution = ops.find(({ name }) => name === 'Conv2D');
    expect(convolution!.outputs[0]!.dtype).toBe(lowTypes[dtype]);
    expect(backend().nativeHandleCount()).toBe(handles);
  });

  test('calls bfloat16 fast where the CPU has it', () => {
    const native = (cpuFlags: ReadonlySet<string>) =>
      probePrecision({ dtype: 'bfloat16', cpuFlags }).native;
    expect(native(sapphireRapids)).toBe('fast');
    expect(native(flags('Features\t: fp asimd bf16'))).toBe('fast');
    expect(native(skylake)).toBe('emulated');
    expect(native(new Set())).toBe('emulated');
  });

  test('calls float16 emulated on every CPU', () => {
    expect(probePrecision({ dtype: 'float16', cpuFlags: sapphireRapids }).native).toBe('emulated');
  });

  test('is an error on a backend that cannot do it', async () => {
    await tf.setBackend('cpu');
    expect(() => probePrecision({ dtype: 'bfloat16' })).toThrow(
      /probePrecision: expected the backend 'tensorflow', got 'cpu'/,
    );
    expect(fastPrecision(sapphireRapids)).toBeUndefined();
    await tf.setBackend('tensorflow');
  });

  test('is an error inside of autocast, or for another dtype', () => {
    const inside = () =>
      autocast({ dtype: 'bfloat16' }, () => void probePrecision({ dtype: 'bfloat16' }));
    expect(inside).toThrow(/outside of autocast/);
    expect(() => probePrecision({ dtype: 'float32' as 'float16' })).toThrow(TypeError);
  });
});

describe('a device that cannot do it', () => {
  /** Answers what a device without the type would. */
  const onDevice = (
    executeOp: (name: string) => { id: number; dtype: number }[],
    run: () => void,
  ) => {
    const native = tf.backend() as unknown as { binding: object };
    const { binding } = native;
    native.binding = Object.assign(Object.create(binding), {
      createTensor: () => 0,
      deleteTensor: () => {},
      executeOp,
    });
    try {
      run();
    } finally {
      native.binding = binding;
    }
  };

  test('is an error with what TensorFlow said', () => {
    const executeOp = () => {
      throw new Error('No OpKernel was registered.');
    };
    onDevice(executeOp, () => {
      expect(() => probePrecision({ dtype: 'bfloat16' })).toThrow(
        /a device that computes in bfloat16, but a probe failed: No OpKernel/,
      );
    });
  });

  test('is an error if it answers float32, not a silent float32 run', () => {
    onDevice(
      () => [{ id: 1, dtype: 1 }],
      () => {
        expect(() => probePrecision({ dtype: 'bfloat16' })).toThrow(
          /expected a convolution to answer bfloat16 \(type 14\), got type 1/,
        );
      },
    );
  });
});

test('the fast precision of a CPU is bfloat16 where it has it, else none', () => {
  expect(fastPrecision(sapphireRapids)).toBe('bfloat16');
  expect(fastPrecision(skylake)).toBeUndefined();
});
