import type { Scope } from './scope.ts';
/** The scope of the `autocast` call that runs, if one does. */
export declare function activeScope(): Scope | undefined;
/** Makes `scope` the active one while `action` runs. */
export declare function withScope<T>(scope: Scope, action: () => T): T;
//# sourceMappingURL=active-scope.d.ts.map