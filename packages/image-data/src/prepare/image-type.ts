/** The extension that an image's first bytes ask for; `undefined` when they are no image's. */
export function imageType(bytes: Uint8Array): 'jpg' | 'png' | 'webp' | 'gif' | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 12)).toString(
    'latin1',
  );
  if (start.startsWith('\xff\xd8\xff')) return 'jpg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return 'webp';
  if (start.startsWith('GIF8')) return 'gif';
  return undefined;
}
