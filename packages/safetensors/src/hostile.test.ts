import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSafetensors, serializeSafetensors } from './index.ts';

const valid = serializeSafetensors(
  [
    ['fc.weight', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
    ['bn "é"', { dtype: 'F16', shape: [2], data: new Uint16Array(2) }],
    ['empty', { dtype: 'I64', shape: [0, 4], data: new BigInt64Array(0) }],
  ],
  { metadata: { format: 'pt' } },
);

/** Parsing must give tensors that tile the data exactly, or a message of ours: never another error, never a wrong view. */
function parseOrRefuse(bytes: Uint8Array): boolean {
  let parsed: ReturnType<typeof parseSafetensors>;
  try {
    parsed = parseSafetensors(bytes);
  } catch (error) {
    expect((error as Error).message).toMatch(/^parseSafetensors: /);
    expect((error as Error).message.length).toBeLessThan(600);
    return false;
  }
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  let position = bytes.byteOffset + 8 + headerLength;
  for (const { data } of parsed.tensors.values()) {
    expect(data.buffer).toBe(bytes.buffer);
    expect(data.byteOffset).toBe(position);
    position += data.byteLength;
  }
  expect(position).toBe(bytes.byteOffset + bytes.byteLength);
  return true;
}

function withHeader(header: string, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

describe('hostile input', () => {
  test('a file with some bytes changed is parsed consistently or refused by name', () => {
    const position = fc.nat(valid.length - 1);
    const edits = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        parseOrRefuse(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test('a file that is cut anywhere is refused', () => {
    for (let length = 0; length < valid.length; length++) {
      expect(parseOrRefuse(valid.slice(0, length))).toBe(false);
    }
    expect(parseOrRefuse(valid)).toBe(true);
  });

  test('a file with pieces of its header moved, doubled or dropped is parsed consistently or refused', () => {
    const text = new TextDecoder().decode(valid.subarray(8, valid.length - 28));
    const pieces = text.split(/(?<=[{}[\],:"])/);
    const order = fc.array(fc.nat(pieces.length - 1), { maxLength: pieces.length + 4 });
    const swap = fc.array(fc.tuple(fc.nat(pieces.length - 1), fc.constantFrom(...pieces)), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(order, (indices) => {
        parseOrRefuse(withHeader(`{${indices.map((i) => pieces[i]).join('')}}`, 28));
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(swap, (changes) => {
        const changed = pieces.slice();
        for (const [at, piece] of changes) changed[at] = piece;
        parseOrRefuse(withHeader(changed.join(''), 28));
      }),
      { numRuns: 3000 },
    );
  });

  test('random bytes behind any header length are refused', () => {
    const input = fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.uint8Array({ maxLength: 64 }));
    fc.assert(
      fc.property(input, ([length, rest]) => {
        const bytes = new Uint8Array(8 + rest.length);
        new DataView(bytes.buffer).setBigUint64(0, length, true);
        bytes.set(rest, 8);
        expect(parseOrRefuse(bytes)).toBe(false);
      }),
    );
  });

  test.each([
    ['100 MB and one byte', 100_000_001n],
    ['2 ** 63', 2n ** 63n],
    ['2 ** 64 - 1', 2n ** 64n - 1n],
  ])('a header of %s is refused by its length', (_, length) => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    expect(() => parseSafetensors(bytes)).toThrow(/expected a header of at most 100000000 bytes/);
  });

  test.each([
    ['brackets', '['.repeat(3_000_000)],
    ['objects', '{"a":'.repeat(600_000)],
    ['digits', `{"a":{"dtype":"U8","shape":[${'9'.repeat(3_000_000)}`],
    ['one name', `{"${'n'.repeat(3_000_000)}`],
    ['backslashes', `{"${'\\'.repeat(3_000_001)}`],
    ['white space', ' '.repeat(3_000_000)],
  ])('three million characters of %s are refused at once, in a short message', (_, header) => {
    const bytes = withHeader(header, 0);
    const start = performance.now();
    expect(parseOrRefuse(bytes)).toBe(false);
    expect(performance.now() - start).toBeLessThan(10_000); // quadratic work would take hours
  });

  test('an integer that JavaScript cannot hold is refused, not rounded', () => {
    const shape = '{"a":{"dtype":"U8","shape":[0,9007199254740993],"data_offsets":[0,0]}}';
    expect(() => parseSafetensors(withHeader(shape, 0))).toThrow(/9007199254740993 is too large/);
  });

  test('a million dimensions are read, and their product is checked', () => {
    const shape = `[${'1,'.repeat(999_999)}1]`;
    const entry = (end: number) =>
      `{"a":{"dtype":"U8","shape":${shape},"data_offsets":[0,${end}]}}`;
    expect(parseOrRefuse(withHeader(entry(1), 1))).toBe(true);
    expect(parseOrRefuse(withHeader(entry(2), 2))).toBe(false);
  });

  test('names that mean something to JavaScript objects are plain names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const tensors = names.map(
      (name, i) => [name, { dtype: 'U8', shape: [1], data: Uint8Array.of(i) }] as const,
    );
    const metadata = JSON.parse('{"__proto__": "text", "constructor": "more"}');
    const parsed = parseSafetensors(serializeSafetensors(tensors, { metadata }));
    for (const [name, { data }] of tensors) expect(parsed.tensors.get(name)!.data).toEqual(data);
    expect(Object.entries(parsed.metadata)).toEqual(Object.entries(metadata));
    expect(Object.getPrototypeOf(parsed.metadata)).toBe(Object.prototype);
  });

  test('what is no Uint8Array is refused by type', () => {
    for (const input of [undefined, 'text', valid.buffer, [...valid]]) {
      expect(() => parseSafetensors(input as unknown as Uint8Array)).toThrow(
        /parseSafetensors: expected a Uint8Array/,
      );
    }
  });
});
