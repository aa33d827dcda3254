/** Runs tasks one after another in the order in which they were given. */
export type TakeTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** A queue of its own; a task that fails does not stop those behind it. */
export function createTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task, task);
    last = turn.catch(() => {});
    return turn;
  };
}
