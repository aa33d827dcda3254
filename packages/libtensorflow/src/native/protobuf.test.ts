import { expect, test } from 'vitest';
import { fieldsOf } from './protobuf.ts';

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

test('a message that is cut off is an error, not a field that is too short', () => {
  // Field 1, the number 300; field 2, three bytes.
  const message = Uint8Array.of(0x08, 0xac, 0x02, 0x12, 3, 1, 2, 3);
  expect([...fieldsOf(message)]).toHaveLength(2);
  for (const length of [1, 2, 4, 5, 6, 7]) {
    expect(() => [...fieldsOf(message.subarray(0, length))]).toThrow(/^protobuf: expected/);
  }
});
