import { expect, test } from 'vitest';
import { fieldsOf, messagesOf, packedNumbers } from './protobuf.ts';

test('numbers, bytes and nothing else come out, in order', () => {
  const message = Uint8Array.of(
    ...[0x08, 0x96, 0x01], // field 1: 150
    ...[0x12, 0x03, 0x61, 0x62, 0x63], // field 2: "abc"
    ...[0x1d, 1, 2, 3, 4], // field 3: 32 bits
    ...[0x21, 1, 2, 3, 4, 5, 6, 7, 8], // field 4: 64 bits
    ...[0x12, 0x00], // field 2 again: empty
    ...[0x80, 0x01, 0x05], // field 16: 5
  );
  expect([...fieldsOf(message)]).toEqual([
    { number: 1, value: 150 },
    { number: 2, value: new TextEncoder().encode('abc') },
    { number: 2, value: new Uint8Array() },
    { number: 16, value: 5 },
  ]);
});

test('numbers above 32 bits are exact', () => {
  const nanoseconds = 1_795_572_199_344_489;
  const bytes: number[] = [];
  for (let rest = BigInt(nanoseconds); rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  }
  expect([...fieldsOf(Uint8Array.of(8, ...bytes))]).toEqual([{ number: 1, value: nanoseconds }]);
});

test('an unknown wire type is an error', () => {
  expect(() => [...fieldsOf(Uint8Array.of(0x0b))]).toThrow(
    /expected wire type 0, 1, 2 or 5, got 3/,
  );
});

test('negative numbers take ten bytes; a longer number is an error', () => {
  const ones = new Array<number>(9).fill(0xff);
  expect([...fieldsOf(Uint8Array.of(8, ...ones, 1))]).toEqual([{ number: 1, value: -1 }]);
  expect(() => [...fieldsOf(Uint8Array.of(8, ...ones, 0x81, 0))]).toThrow(
    /expected a number of at most 10 bytes/,
  );
});

test('a packed list is its numbers, or an error where it ends within one', () => {
  expect(packedNumbers(Uint8Array.of(1, 0xac, 0x02, 0))).toEqual([1, 300, 0]);
  expect(packedNumbers(Uint8Array.of())).toEqual([]);
  expect(() => packedNumbers(Uint8Array.of(1, 0xac))).toThrow(/got one cut off/);
});

test('a message that is cut off is an error wherever it ends, not a field that is too short', () => {
  // Field 1, the number 300; field 2, three bytes; field 1, 64 bits; field 3, 32 bits.
  const fields = [
    [0x08, 0xac, 0x02],
    [0x12, 3, 1, 2, 3],
    [0x09, 1, 2, 3, 4, 5, 6, 7, 8],
    [0x1d, 1, 2, 3, 4],
  ];
  const message = Uint8Array.from(fields.flat());
  expect([...fieldsOf(message)]).toHaveLength(2);
  const ends = fields.map((_, i) => fields.slice(0, i + 1).flat().length);
  for (let length = 1; length < message.length; length++) {
    if (ends.includes(length)) continue;
    expect(() => [...fieldsOf(message.subarray(0, length))]).toThrow(/^protobuf: expected/);
  }
});

test('the messages of a field come out in order, without numbers and other fields', () => {
  // Field 1: [7], the number 5, nothing; field 2: [8].
  const message = Uint8Array.of(...[0x0a, 1, 7], ...[0x08, 5], ...[0x12, 1, 8], ...[0x0a, 0]);
  expect(messagesOf(message, 1)).toEqual([Uint8Array.of(7), Uint8Array.of()]);
  expect(messagesOf(message, 3)).toEqual([]);
});
