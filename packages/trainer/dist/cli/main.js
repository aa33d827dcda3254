#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import pc from 'picocolors';
import { doctorCommand } from "./doctor-command.js";
import { evalCommand } from "./eval-command.js";
import { trainCommand } from "./train-command.js";
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const program = new Command('bag-of-tricks')
    .description('The training recipe of He et al. (CVPR 2019) for TensorFlow.js')
    .version(manifest.version)
    .showHelpAfterError('(add --help for the list of options)')
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(doctorCommand());
try {
    await program.parseAsync();
}
catch (error) {
    const { name, message } = error;
    process.stderr.write(`${pc.red('error:')} ${message}\n`);
    if (process.env.DEBUG)
        console.error(error);
    else if (name !== 'ConfigError')
        process.stderr.write(pc.dim('(DEBUG=1 prints where it came from)\n'));
    process.exitCode = 1;
}
//# sourceMappingURL=main.js.map