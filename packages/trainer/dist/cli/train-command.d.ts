import { Command } from 'commander';
/** `bag-of-tricks train`: recipe file, then flags over it, then the run. */
export declare function trainCommand(): Command;
//# sourceMappingURL=train-command.d.ts.map