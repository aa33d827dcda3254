import { Command } from 'commander';
/** `bag-of-tricks doctor`: say whether training can run here and how to mend what is missing. */
export declare function doctorCommand(): Command;
//# sourceMappingURL=doctor-command.d.ts.map