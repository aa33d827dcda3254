/** What an action returned, or the error that it threw. */
export type Attempt<T> = { value: T; error?: undefined } | { value?: undefined; error: unknown };

export function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}
