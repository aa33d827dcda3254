import { type CompileOptions, type Profile } from '@bag-of-tricks/graph';
import type { Batch } from '../data/dataset.ts';
import type { RunnerParts, Scorer, ScorerParts, StepRunner, StepSettings } from './runner.ts';
/** A runner that can say where the time of a step goes. */
export interface CompiledRunner extends StepRunner {
    /** Take one training step and answer the time of each type of op. */
    profile(batch: Batch, settings: StepSettings): Promise<Profile>;
}
/** Scores each batch by one call of a native graph. */
export declare function compiledScorer({ evalStep, imageShape }: ScorerParts, options?: Pick<CompileOptions<never>, 'shareStateWith'>): Promise<Scorer>;
/** Runs each step as one call of a native graph on another thread; training and evaluation share its variables. */
export declare function compiledRunner({ trainStep, ...parts }: RunnerParts): Promise<CompiledRunner>;
//# sourceMappingURL=compiled-runner.d.ts.map