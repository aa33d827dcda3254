import type { RunnerParts, Scorer, ScorerParts, StepRunner } from './runner.ts';
/** Scores op by op. */
export declare function eagerScorer({ evalStep, imageShape }: ScorerParts): Scorer;
/** Runs each op of a step as it comes: slower than the graph, but every tensor can be looked at. */
export declare function eagerRunner({ trainStep, ...parts }: RunnerParts): StepRunner;
//# sourceMappingURL=eager-runner.d.ts.map