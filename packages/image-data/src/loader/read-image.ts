import type { ImageSource, StoredImage } from '../source.ts';

/** The limit is waited for in parts: a process that was suspended (Ctrl-Z, a closed laptop) has then missed but one of them. */
const PARTS = 4;

/**
 * Reads one image, and gives up when it takes longer than `timeoutMs` (a network share that is gone never answers) or when
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
  let partsLeft = PARTS;
  const timer = setInterval(() => {
    partsLeft -= 1;
    if (partsLeft > 0) return;
    controller.abort(
      new Error(
        `${source.describe(index)}: expected to be read within ${timeoutMs / 1000} s, nothing came. Check the disk or the network share that holds it.`,
      ),
    );
  }, timeoutMs / PARTS);
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([source.read(index, controller.signal), stopped]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
