/** Loads what only Node has, and only where it is installed: bundlers must not see it. */
export const loadOptional = (name: string): Promise<unknown> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ name);
