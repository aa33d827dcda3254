import { setImmediate } from 'node:timers/promises';

/**
 * The same items; with `send`, which brings what one needs to a GPU, each is taken when the work on the one before it begins, so that it
 * is on its way meanwhile.
 */
export async function* sentAhead<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  send: ((item: Item) => void) | undefined,
): AsyncGenerator<Item, void, undefined> {
  if (!send) {
    yield* items;
    return;
  }
  const source =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const take = async () => {
    const next = await source.next();
    if (!next.done) send(next.value);
    return next;
  };
  let next = take();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      // When that work has begun.
      next = setImmediate().then(take);
      // An error is heard when its turn comes.
      next.catch(() => {});
      yield value;
    }
  } finally {
    // Whoever closes a source has no further question to it.
    await next.catch(() => {});
    await source.return?.();
  }
}
