import type { Backend } from '../backend.ts';
import type { Precision } from '../step/precision.ts';
/** What a figure of this run depends on besides its configuration. */
export interface Environment {
    readonly trainer: string;
    readonly node: string;
    readonly tensorflow: string;
    readonly devices: readonly string[];
    /** What matrix ops were seen to compute in, and whether this device has instructions for it. */
    readonly precision: {
        readonly dtype: string;
        readonly native: 'fast' | 'emulated';
    };
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly commit: string | null;
    readonly command: string;
    readonly started: string;
}
/** Describe this machine and this command, for `env.json`. */
export declare function describeEnvironment(backend: Backend, precision: Precision | null, now: Date): Environment;
//# sourceMappingURL=environment.d.ts.map