/** A field of a protobuf message: a number for wire type 0, bytes for wire type 2, nothing for the others. */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array | undefined;
}

/**
 * The fields of a protobuf message in its order.
 *
 * @throws Error when the bytes are no message. Numbers are int64, to 53 bits.
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  const reader = new Reader(message);
  while (!reader.atEnd) {
    const tag = reader.int64();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, value: reader.int64() };
    else if (wireType === 2) yield { number, value: reader.take(reader.int64()) };
    else if (wireType === 1 || wireType === 5) {
      reader.take(wireType === 1 ? 8 : 4);
      yield { number, value: undefined };
    } else throw new Error(`no protobuf message: a field of wire type ${wireType}`);
  }
}

/** A packed list of int64, to 53 bits. */
export function packedNumbers(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  const numbers: number[] = [];
  while (!reader.atEnd) numbers.push(reader.int64());
  return numbers;
}

/** Bytes of the longest number: 64 bits, seven in each. */
const MAX_NUMBER_BYTES = 10;
/** As many bytes stay exact in a double. */
const EXACT_BYTES = 7;

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  int64(): number {
    const start = this.#position;
    let value = 0;
    for (let i = 0; i < MAX_NUMBER_BYTES; i++) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte >= 0x80) continue;
      return i < EXACT_BYTES ? value : signed(this.#bytes.subarray(start, this.#position));
    }
    throw new Error('no protobuf message: a number does not end');
  }

  take(bytes: number): Uint8Array {
    if (!(bytes >= 0 && bytes <= this.#bytes.length - this.#position)) {
      throw new Error('no protobuf message: a field is longer than its message');
    }
    this.#position += bytes;
    return this.#bytes.subarray(this.#position - bytes, this.#position);
  }
}

function signed(varint: Uint8Array): number {
  const unsigned = varint.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, unsigned));
}
