import { type Command } from 'commander';
import type { PartialConfig } from '../config/load.ts';
/** The configuration that sets the dotted `path` to `value` and nothing else. */
export declare function nest(path: string, value: unknown): PartialConfig;
/** Add the configuration flags to a command; `onSetting` gets each one given, in the order of the command line. */
export declare function addConfigFlags(command: Command, onSetting: (setting: PartialConfig) => void): void;
//# sourceMappingURL=flags.d.ts.map