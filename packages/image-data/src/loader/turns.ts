/** Runs a task when its turn has come. */
export type TakeTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** Turns in the order in which they were asked for, `places` at a time; a task that fails does not stop those behind it. */
export function createTurns(places: number): TakeTurn {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
