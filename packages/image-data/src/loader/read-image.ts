import type { ImageSource, StoredImage } from '../source.ts';

/**
 * Reads one image, and gives up when it takes longer than `timeoutMs` (a network share that is gone answers never) or when
 * `signal` is aborted, whether or not the source listens to it. The source's own signal is aborted in both cases.
 *
 * @throws Error when the read stalls; what the source throws; `signal.reason` when aborted.
 */
export async function readImage(
  source: ImageSource,
  index: number,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<StoredImage> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
  });
  const timer = setTimeout(() => {
    controller.abort(
      new Error(
        `${source.describe(index)}: expected to be read within ${timeoutMs / 1000} s, nothing came. Check the disk or the network share that holds it.`,
      ),
    );
  }, timeoutMs);
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([source.read(index, controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
