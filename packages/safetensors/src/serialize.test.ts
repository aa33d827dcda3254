import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dtype, SafetensorsInput } from './index.ts';
import { parseSafetensors, serializeSafetensors, toFloat32Array, toTypedArray } from './index.ts';

const BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1, BOOL: 1, F8_E4M3: 1 } as const;

const tensor = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(BYTES) as (keyof typeof BYTES)[])),
    shape: fc.array(fc.nat(3), { maxLength: 4 }),
    fill: fc.nat(255),
  })
  .map(({ dtype, shape, fill }): SafetensorsInput & { data: Uint8Array } => {
    const size = shape.reduce((product, dimension) => product * dimension, BYTES[dtype]);
    return { dtype, shape, data: Uint8Array.from({ length: size }, (_, i) => (fill + i) % 256) };
  });
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const name = text.filter((value) => value !== '__metadata__');
const named = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 8 });
const one = (info: { dtype: Dtype; shape: readonly number[] }, data: ArrayBufferView) =>
  serializeSafetensors([['w', { ...info, data }]]);

describe('serializeSafetensors', () => {
  test('any tensors and metadata come back as they were', () => {
    fc.assert(
      fc.property(named, fc.dictionary(text, text), (entries, metadata) => {
        const parsed = parseSafetensors(serializeSafetensors(entries, { metadata }));
        expect(Object.entries(parsed.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(parsed.tensors.size).toBe(entries.length);
        for (const [key, { dtype, shape, data }] of entries) {
          expect(parsed.tensors.get(key)).toEqual({ dtype, shape, data });
        }
      }),
    );
  });

  test('the data starts at a multiple of 8 and each tensor at a multiple of its element', () => {
    fc.assert(
      fc.property(named, (entries) => {
        const file = serializeSafetensors(entries);
        for (const { dtype, data } of parseSafetensors(file).tensors.values()) {
          expect(data.byteOffset % BYTES[dtype as keyof typeof BYTES]).toBe(0);
        }
      }),
    );
  });

  test('writes only the part of a buffer that a view shows', () => {
    const numbers = Float32Array.of(0, 1, 2, 3);
    const bytes = one({ dtype: 'F32', shape: [2] }, numbers.subarray(1, 3));
    expect(toFloat32Array(parseSafetensors(bytes).tensors.get('w')!)).toEqual(
      Float32Array.of(1, 2),
    );
  });

  const four = new Float32Array(4);
  test.each([
    [
      'a shape that needs more data',
      { dtype: 'F32', shape: [5] },
      /expected 20 bytes for tensor "w", got 16/,
    ],
    [
      'a shape that needs less data',
      { dtype: 'F32', shape: [] },
      /expected 4 bytes for tensor "w", got 16/,
    ],
    ['a negative dimension', { dtype: 'F32', shape: [-4] }, /shape of tensor "w" .* got \[-4\]/],
    ['half a dimension', { dtype: 'F32', shape: [0.5, 8] }, /got \[0.5,8\]/],
    ['a dimension that is not a number', { dtype: 'F32', shape: [Number.NaN] }, /got \[NaN\]/],
    ['a size beyond 2 ** 53', { dtype: 'F32', shape: [2 ** 30, 2 ** 30] }, /integers >= 0/],
    ['half a byte', { dtype: 'F4', shape: [1] }, /whole bytes of F4/],
    ['an unknown dtype', { dtype: 'float32', shape: [4] }, /dtype of tensor "w" .* got float32/],
  ] as const)('refuses %s', (_, info, message) => {
    expect(() => one(info as { dtype: Dtype; shape: readonly number[] }, four)).toThrow(message);
  });

  test('refuses names and metadata that the format cannot hold', () => {
    const data = { dtype: 'F32', shape: [4], data: four } as const;
    expect(() => serializeSafetensors([['__metadata__', data]])).toThrow(
      /other than "__metadata__"/,
    );
    expect(() =>
      serializeSafetensors([
        ['a', data],
        ['a', data],
      ]),
    ).toThrow(/two tensors named "a"/);
    expect(() => serializeSafetensors([['a\ud800', data]])).toThrow(/half a surrogate pair/);
    const metadata = { step: 3 } as unknown as Record<string, string>;
    expect(() => serializeSafetensors([], { metadata })).toThrow(
      'serializeSafetensors: expected the metadata value of "step" to be a string, got number.',
    );
    expect(() => serializeSafetensors([], { metadata: { a: '\udfff' } })).toThrow(/metadata value/);
    const numbers = [1, 2, 3, 4] as unknown as ArrayBufferView;
    expect(() => one({ dtype: 'F32', shape: [4] }, numbers)).toThrow(/"w" to be a typed array/);
  });

  test('refuses a header beyond the limit of readers', () => {
    const metadata = { long: 'x'.repeat(100_000_000) };
    expect(() => serializeSafetensors([], { metadata })).toThrow(/at most 100000000 bytes/);
  });
});

describe('toTypedArray and toFloat32Array', () => {
  test('show aligned bytes without a copy and copy misaligned ones, Node Buffers too', () => {
    const buffer = new ArrayBuffer(24);
    new Float32Array(buffer).set([1.5, 1.5]);
    const tensorAt = (data: Uint8Array) => ({ dtype: 'F32', shape: [1], data }) as const;
    expect(toFloat32Array(tensorAt(new Uint8Array(buffer, 4, 4))).buffer).toBe(buffer);
    const shifted = new Uint8Array(buffer, 9, 4);
    shifted.set(new Uint8Array(buffer, 0, 4));
    for (const data of [shifted, Buffer.from(buffer, 9, 4)]) {
      const numbers = toFloat32Array(tensorAt(data));
      expect(numbers).toEqual(Float32Array.of(1.5));
      expect(numbers.buffer).not.toBe(buffer);
    }
  });

  test('convert misaligned halves', () => {
    const bytes = Uint8Array.of(255, 0x00, 0x3c, 0x01, 0x00);
    const data = bytes.subarray(1);
    expect(toFloat32Array({ dtype: 'F16', shape: [2], data })).toEqual(
      Float32Array.of(1, 2 ** -24),
    );
  });

  test('read integers, as the I64 num_batches_tracked of PyTorch, beside the floats of a file', () => {
    const numbers = (data: ArrayBufferView, dtype: 'I64' | 'U8' | 'BOOL', length = 1) =>
      Array.from(toFloat32Array({ dtype, shape: [length], data: new Uint8Array(data.buffer) }));
    expect(numbers(BigInt64Array.of(7n, -(2n ** 40n)), 'I64', 2)).toEqual([7, -(2 ** 40)]);
    expect(numbers(Uint8Array.of(255), 'U8')).toEqual([255]);
    expect(numbers(Uint8Array.of(1), 'BOOL')).toEqual([1]);
  });

  test('refuse dtypes that they cannot show', () => {
    const data = new Uint8Array(8);
    expect(() => toFloat32Array({ dtype: 'C64', shape: [1], data })).toThrow(TypeError);
    for (const dtype of ['F16', 'BF16', 'F8_E4M3', 'C64'] as const) {
      expect(() => toTypedArray({ dtype, shape: [1], data })).toThrow(TypeError);
    }
  });
});
