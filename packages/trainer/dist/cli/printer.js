import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
/** Prints lines on the terminal and, once the run folder is known, keeps them in its `train.log`. */
export function createPrinter() {
    const early = [];
    let log = null;
    return {
        print(line) {
            process.stdout.write(`${line}\n`);
            if (log === null)
                early.push(line);
            else
                writeSync(log, `${line}\n`);
        },
        hooks: {
            onTrainBegin({ runFolder }) {
                log = openSync(join(runFolder, 'train.log'), 'a');
                for (const line of early.splice(0))
                    writeSync(log, `${line}\n`);
            },
        },
        close() {
            if (log !== null)
                closeSync(log);
        },
    };
}
//# sourceMappingURL=printer.js.map