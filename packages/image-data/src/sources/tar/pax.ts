/**
 * The path and the size in a PAX header, whose records are `<length of the record> <key>=<value>\n`; a reason when it
 * is none.
 */
export function parsePax(content: Buffer): { name?: Buffer; size?: number } | string {
  const result: { name?: Buffer; size?: number } = {};
  let position = 0;
  while (position < content.length) {
    const space = content.indexOf(0x20, position);
    const length = Number(content.toString('latin1', position, space === -1 ? position : space));
    const end = position + length;
    const isRecord = Number.isInteger(length) && end > space + 1 && end <= content.length;
    if (!isRecord || content[end - 1] !== NEWLINE) return 'a PAX header that is damaged';
    const record = content.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    const key = record.toString('utf8', 0, equals === -1 ? record.length : equals);
    const value = record.subarray(equals + 1);
    if (key === 'path') result.name = value;
    if (key === 'size') {
      const size = /^\d+$/.test(value.toString('latin1')) ? Number(value) : Number.NaN;
      if (!Number.isSafeInteger(size)) return 'a PAX header with a size that is no number';
      result.size = size;
    }
    if (key.startsWith('GNU.sparse')) return 'a sparse file, which cannot be read';
    position = end;
  }
  return result;
}

const NEWLINE = 0x0a;
