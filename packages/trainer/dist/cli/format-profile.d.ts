import type { Profile } from '@bag-of-tricks/graph';
/** A table of the ops that took most of a step's thread time, and a line for the rest. */
export declare function formatProfile({ milliseconds, ops }: Profile, rows?: number): string[];
//# sourceMappingURL=format-profile.d.ts.map