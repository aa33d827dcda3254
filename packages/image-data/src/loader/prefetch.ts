import { setMaxListeners } from 'node:events';

/** Options of `prefetch`. */
export interface PrefetchOptions<T> {
  /** Makes the item of a step; several run at once. It stops soon after its signal is aborted. */
  readonly load: (step: number, signal: AbortSignal) => Promise<T>;
  readonly firstStep: number;
  readonly endStep: number;
  readonly bytesOf: (item: T) => number;
  /** Bytes that the items ahead of the consumer may hold. Two items are always under way, so that reading and decoding overlap. */
  readonly prefetchBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const least = 2;
/** More than this many items ahead bridge no longer gap, they only take memory. */
const most = 8;

/**
 * Loads the items of `firstStep` to `endStep - 1` ahead of the consumer and yields them in order. When the consumer leaves early,
 * the signal is aborted or a load fails, all loading stops and has ended before the iteration does.
 */
export async function* prefetch<T>({
  load,
  firstStep,
  endStep,
  bytesOf,
  prefetchBytes,
  signal,
}: PrefetchOptions<T>): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  // Every read listens to it.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const underWay: Promise<T>[] = [];
  let nextStep = firstStep;
  let largest = 0;
  const fill = () => {
    const fitting = largest === 0 ? least : Math.floor(prefetchBytes / largest);
    const depth = Math.min(most, Math.max(least, fitting));
    while (underWay.length < depth && nextStep < endStep && !controller.signal.aborted) {
      const item = load(nextStep++, controller.signal);
      // A failure is met when its turn comes; until then it must not count as unhandled.
      item.catch(() => {});
      underWay.push(item);
    }
  };
  try {
    for (let step = firstStep; step < endStep; step++) {
      fill();
      controller.signal.throwIfAborted();
      const item = await underWay[0]!;
      underWay.shift();
      largest = Math.max(largest, bytesOf(item));
      fill();
      yield item;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
    await Promise.allSettled(underWay);
  }
}
