/** A field of a protobuf message: a number for wire type 0, bytes for wire type 2, nothing for the others. */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array | undefined;
}

/**
 * The fields of a protobuf message in its order.
 *
 * @throws Error when the bytes are no message. Numbers beyond 2^53 become NaN, negative ones too: labels are neither.
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = message[position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : Number.NaN;
    }
    throw new Error('no protobuf message: a number does not end');
  };
  const take = (bytes: number): Uint8Array => {
    if (!(bytes <= message.length - position)) {
      throw new Error('no protobuf message: a field is longer than its message');
    }
    position += bytes;
    return message.subarray(position - bytes, position);
  };
  while (position < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 2) yield { number, value: take(varint()) };
    else if (wireType === 1 || wireType === 5) {
      take(wireType === 1 ? 8 : 4);
      yield { number, value: undefined };
    } else throw new Error(`no protobuf message: a field of wire type ${wireType}`);
  }
}

/** A packed list of numbers. */
export function packedNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      numbers.push(Number.isSafeInteger(value) ? value : Number.NaN);
      value = 0;
      scale = 1;
    }
  }
  if (scale !== 1) throw new Error('no protobuf message: a number does not end');
  return numbers;
}
