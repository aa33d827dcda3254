const sentences: Readonly<Record<string, string>> = {
  BadImageError:
    'is no picture that can be read here. JPEG, PNG, WebP and GIF can, whole and of less than 50 million pixels.',
  NotFoundError: 'There is no camera. Drop pictures on the classes instead.',
  NotAllowedError:
    'The camera is not allowed here. Allow it in the browser, or drop pictures instead.',
  NotReadableError: 'The camera is in use elsewhere. Close what uses it, or drop pictures instead.',
  QuotaExceededError: 'This browser has no room left to save in. Free some space on the disk.',
};

/** An error in words for whoever uses the page; `picture` is what it was about. */
export function plainly(error: unknown, picture = 'This'): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'BadImageError') return `${picture} ${sentences.BadImageError}`;
  if (/allocat|memory|context lost/i.test(message)) {
    return 'This tab has no memory left. Close other tabs, or take fewer and smaller pictures.';
  }
  return sentences[name] ?? message;
}
