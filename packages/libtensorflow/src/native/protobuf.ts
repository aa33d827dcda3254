/** A field of a serialised protocol buffer: its number, and a whole number or bytes. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/**
 * Reads the fields of a message, in order; those of fixed width are skipped.
 *
 * @throws Error for bytes that are no message, or only the beginning of one.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[position++];
      if (byte === undefined)
        throw new Error('protobuf: expected a whole message, got one cut off.');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (position < message.byteLength) {
    const tag = varint();
    const wireType = tag & 7;
    const number = Math.floor(tag / 8);
    if (wireType === 0) {
      yield { number, value: varint() };
    } else if (wireType === 2) {
      const length = varint();
      if (length > message.byteLength - position) {
        throw new Error(
          `protobuf: expected a field of ${length} bytes, got ${message.byteLength - position}.`,
        );
      }
      yield { number, value: message.subarray(position, position + length) };
      position += length;
    } else if (wireType === 1 || wireType === 5) {
      position += wireType === 1 ? 8 : 4;
    } else {
      throw new Error(`protobuf: expected wire type 0, 1, 2 or 5, got ${wireType}.`);
    }
  }
}
