import { Command } from 'commander';
/** `bag-of-tricks eval <checkpoint>`: score a checkpoint on its dataset's evaluation images. */
export declare function evalCommand(): Command;
//# sourceMappingURL=eval-command.d.ts.map