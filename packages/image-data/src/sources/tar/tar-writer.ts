import { BLOCK_BYTES } from './tar-header.ts';

/** The two zero blocks that end an archive. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK_BYTES);

/**
 * A member of a tar archive in the ustar form: header, content, padding. Times and owners are fixed, so that equal
 * images make equal archives.
 *
 * @throws RangeError for a name that is not 1 to 100 ASCII bytes or content of 8 GiB and more.
 */
export function tarMember(name: string, content: Uint8Array): Uint8Array[] {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) {
    throw new RangeError(
      `tarMember: expected a name of 1 to 100 visible ASCII characters, got ${JSON.stringify(name)}.`,
    );
  }
  if (content.length >= 8 ** 11) {
    throw new RangeError(`tarMember: expected less than 8 GiB, got ${content.length} bytes.`);
  }
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 'latin1');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return [header, content, padding];
}
