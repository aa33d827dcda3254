/**
 * Runs `work` on some items at the same time and yields the results in the items' order. When the consumer stops or a
 * piece of work fails, no more is begun, and what runs is waited for.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for (const item of items) {
      if (running.length >= concurrency) yield await running.shift()!;
      const result = work(item);
      // Its failure is thrown when its turn comes; until then it counts as handled.
      result.catch(() => {});
      running.push(result);
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
