/** A field of a serialised protocol buffer: its number, and a whole number or bytes. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Bytes of the longest number: 64 bits, seven in each. */
const MAX_NUMBER_BYTES = 10;
/** So many bytes stay exact in a double; more are a negative number, or one that is rounded. */
const EXACT_BYTES = 7;

/** Reads a message from its beginning to its end. */
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
      if (byte === undefined) {
        throw new Error('protobuf: expected a whole message, got one cut off.');
      }
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte >= 0x80) continue;
      return i < EXACT_BYTES ? value : signed(this.#bytes.subarray(start, this.#position));
    }
    throw new Error(`protobuf: expected a number of at most ${MAX_NUMBER_BYTES} bytes, got more.`);
  }

  take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#position;
    if (length < 0 || length > left) {
      throw new Error(`protobuf: expected a field of ${length} bytes, got ${left}.`);
    }
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }
}

function signed(varint: Uint8Array): number {
  const unsigned = varint.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, unsigned));
}

/**
 * Reads the fields of a message, in order; those of fixed width are skipped. Numbers are int64, exact to 53 bits.
 *
 * @throws Error for bytes that are no message, or only the beginning of one.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = new Reader(message);
  while (!reader.atEnd) {
    const tag = reader.int64();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) yield { number, value: reader.int64() };
    else if (wireType === 2) yield { number, value: reader.take(reader.int64()) };
    else if (wireType === 1 || wireType === 5) reader.take(wireType === 1 ? 8 : 4);
    else throw new Error(`protobuf: expected wire type 0, 1, 2 or 5, got ${wireType}.`);
  }
}

/**
 * Reads a packed list of int64, exact to 53 bits.
 *
 * @throws Error for bytes that end within a number.
 */
export function packedNumbers(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  const numbers: number[] = [];
  while (!reader.atEnd) numbers.push(reader.int64());
  return numbers;
}

/** The fields of this number that hold bytes: texts, or messages of their own. */
export function messagesOf(message: Uint8Array, field: number): Uint8Array[] {
  return [...fieldsOf(message)].flatMap(({ number, value }) =>
    number === field && value instanceof Uint8Array ? [value] : [],
  );
}
