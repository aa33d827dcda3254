/** Tar works in blocks of this many bytes. */
export const BLOCK_BYTES = 512;

/** What the 512 bytes before a member say. */
export interface TarHeader {
  readonly name: Buffer;
  /** Bytes of the content. */
  readonly size: number;
  /** `0` a file, `5` a folder, `L` a long name, `x` a PAX header, ... */
  readonly type: string;
}

/** Reads a header block; `undefined` for the zero block that ends an archive, a reason when it is none. */
export function parseTarHeader(block: Buffer): TarHeader | string | undefined {
  const stored = parseOctal(block.subarray(148, 156));
  const { unsigned, signed } = checksums(block);
  if (unsigned === 8 * SPACE) return undefined;
  if (stored !== unsigned && stored !== signed) {
    return `a header whose checksum is ${unsigned}, not ${stored ?? 'a number'} as it says`;
  }
  const size = parseNumber(block.subarray(124, 136));
  if (size === undefined) return 'a header with a size that is no number';
  const name = untilZero(block.subarray(0, 100));
  // Only the POSIX form has a prefix; GNU's, `ustar  `, keeps times there.
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? untilZero(block.subarray(345, 500)) : Buffer.alloc(0);
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : Buffer.from(name),
    size,
    type: String.fromCharCode(block[156]!),
  };
}

const SPACE = 0x20;

/** The sum of the header's bytes with the checksum's own taken as spaces; some old writers summed signed bytes. */
function checksums(block: Buffer): { unsigned: number; signed: number } {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i >= 148 && i < 156 ? SPACE : block[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return { unsigned, signed };
}

function parseOctal(field: Buffer): number | undefined {
  const digits = /^[ 0]*([0-7]*)[ \0]*$/.exec(field.toString('latin1'));
  return digits === null ? undefined : Number.parseInt(digits[1] || '0', 8);
}

/** Octal digits, or GNU's form for 8 GiB and more: a first byte of 0x80, then a big-endian number. */
function parseNumber(field: Buffer): number | undefined {
  if (field[0] !== 0x80) return parseOctal(field);
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function untilZero(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}
