import type { Scope } from './scope.ts';

let active: Scope | undefined;

/** The scope of the `autocast` call that runs, if one does. */
export function activeScope(): Scope | undefined {
  return active;
}

/** Makes `scope` the active one while `action` runs. */
export function withScope<T>(scope: Scope, action: () => T): T {
  active = scope;
  try {
    return scope.run(action);
  } finally {
    active = undefined;
  }
}
