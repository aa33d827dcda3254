import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Dtype } from './index.ts';
import { parseSafetensors, serializeSafetensors, toFloat32Array, toTypedArray } from './index.ts';

interface Content {
  name: string;
  dtype: Dtype;
  shape: number[];
  hex: string;
}
const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
const reference: {
  allDtypes: Content[];
  torch: Content[];
  nothingHex: string;
  emptyMetadataHex: string;
  onlyMetadataHex: string;
  float16Sha256: string;
  bfloat16Sha256: string;
  headers: { title: string; headerHex: string; dataBytes: number; accepted: boolean }[];
} = JSON.parse(new TextDecoder().decode(fixture('reference.json')));

/** What the reference accepts and we refuse on purpose. */
const STRICTER = new Map([
  ['an unknown field', /tensor "a" has the unknown field "extra"/],
  ['a name twice', /the header has the key "a" twice/],
  ['a name twice, once escaped', /the header has the key "a" twice/],
  ['a tensor as an array', /expected '\{', got '\['/],
  ['metadata with a key twice', /__metadata__ has the key "a" twice/],
]);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('against the Python package safetensors', () => {
  test.each([
    ['all-dtypes.safetensors', reference.allDtypes, {}],
    ['torch.safetensors', reference.torch, { format: 'pt "\nü' }],
  ])('%s holds what the reference reads in it', (file, contents, metadata) => {
    const parsed = parseSafetensors(fixture(file));
    expect(parsed.metadata).toEqual(metadata);
    expect(parsed.tensors.size).toBe(contents.length);
    for (const { name, dtype, shape, hex: expected } of contents) {
      const tensor = parsed.tensors.get(name)!;
      expect({ dtype: tensor.dtype, shape: tensor.shape }).toEqual({ dtype, shape });
      expect(hex(tensor.data)).toBe(expected);
    }
  });

  test('tensors are written byte for byte as the reference writes them, whatever their order', () => {
    const file = fixture('all-dtypes.safetensors');
    const tensors = [...parseSafetensors(file).tensors];
    expect(hex(serializeSafetensors(tensors))).toBe(hex(file));
    expect(hex(serializeSafetensors(tensors.reverse()))).toBe(hex(file));
  });

  test('metadata and typed arrays are written byte for byte as the reference writes them', () => {
    const bytes = serializeSafetensors(
      [
        ['fc.weight', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
        ['fc.bias', { dtype: 'F32', shape: [2], data: new Float32Array(2) }],
      ],
      { metadata: { format: 'pt "\nü' } },
    );
    expect(hex(bytes)).toBe(hex(fixture('torch.safetensors')));
  });

  test('files without tensors or with empty metadata equal those of the reference', () => {
    const one = [['a', { dtype: 'U8', shape: [1], data: new Uint8Array(1) }]] as const;
    expect(hex(serializeSafetensors([]))).toBe(reference.nothingHex);
    expect(hex(serializeSafetensors(one, { metadata: {} }))).toBe(reference.emptyMetadataHex);
    expect(hex(serializeSafetensors([], { metadata: { a: 'b' } }))).toBe(reference.onlyMetadataHex);
  });

  test.each(reference.headers)('the verdict on $title is the reference’s', (header) => {
    const json = Buffer.from(header.headerHex, 'hex');
    const file = new Uint8Array(8 + json.length + header.dataBytes);
    new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
    file.set(json, 8);
    const stricter = STRICTER.get(header.title);
    if (header.accepted && !stricter) parseSafetensors(file);
    else expect(() => parseSafetensors(file)).toThrow(stricter ?? /^parseSafetensors: /);
  });

  test('every exception to the reference’s verdicts is one that the reference accepts', () => {
    const accepted = reference.headers.filter((h) => h.accepted).map((h) => h.title);
    expect([...STRICTER.keys()].filter((title) => !accepted.includes(title))).toEqual([]);
  });

  test.each([
    ['F16', reference.float16Sha256],
    ['BF16', reference.bfloat16Sha256],
  ] as const)('all 65,536 values of %s convert exactly', (dtype, sha256) => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const data = new Uint8Array(bits.buffer);
    const converted = toFloat32Array({ dtype, shape: [65536], data });
    const numbers = converted.filter((value) => !Number.isNaN(value));
    expect(createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex')).toBe(sha256);
    const isNaN16 =
      dtype === 'F16' ? (i: number) => (i & 0x7fff) > 0x7c00 : (i: number) => (i & 0x7fff) > 0x7f80;
    expect(converted.every((value, i) => Number.isNaN(value) === isNaN16(i))).toBe(true);
  });

  test('numbers of every native dtype are those that torch was given', () => {
    const { tensors } = parseSafetensors(fixture('all-dtypes.safetensors'));
    const numbers = (name: string) => Array.from(toTypedArray(tensors.get(name)!) as Float64Array);
    const floats = [0, -0, 1, -1.5, Number.POSITIVE_INFINITY, 3.140625];
    expect(numbers('float/torch.float64')).toEqual(floats);
    for (const dtype of ['float64', 'float32', 'float16', 'bfloat16']) {
      const tensor = tensors.get(`float/torch.${dtype}`)!;
      expect(Array.from(toFloat32Array(tensor))).toEqual(floats);
    }
    expect(numbers('int/torch.int64')).toEqual([-(2n ** 63n), -1n, 2n ** 63n - 1n]);
    expect(numbers('int/torch.int32')).toEqual([-(2 ** 31), -1, 2 ** 31 - 1]);
    expect(numbers('int/torch.int16')).toEqual([-32768, -1, 32767]);
    expect(numbers('int/torch.int8')).toEqual([-128, -1, 127]);
    expect(numbers('uint/torch.uint64')).toEqual([0n, 2n ** 64n - 1n]);
    expect(numbers('uint/torch.uint32')).toEqual([0, 2 ** 32 - 1]);
    expect(numbers('uint/torch.uint16')).toEqual([0, 65535]);
    expect(numbers('uint/torch.uint8')).toEqual([0, 255]);
    expect(numbers('bool')).toEqual([1, 0, 1]);
    expect(numbers('empty')).toEqual([]);
  });
});
