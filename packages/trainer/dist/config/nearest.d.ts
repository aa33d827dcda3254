/** The candidate that `name` was most likely meant to be, or null when none is close. */
export declare function nearestName(name: string, candidates: readonly string[]): string | null;
//# sourceMappingURL=nearest.d.ts.map