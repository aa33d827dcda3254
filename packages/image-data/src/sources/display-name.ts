const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A file name's bytes as text: bytes that are not UTF-8 appear as `\xNN`, so that different names stay different. */
export function displayName(name: Uint8Array): string {
  try {
    return utf8.decode(name);
  } catch {
    return Array.from(name, (byte) =>
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}

/** The first few of many names for a message: `a, b, c and 12 more`. */
export function listNames(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
