import { diagnose, formatDiagnosis } from '@bag-of-tricks/libtensorflow';
import { Command } from 'commander';
/** `bag-of-tricks doctor`: say whether training can run here and how to mend what is missing. */
export function doctorCommand() {
    return new Command('doctor')
        .description('check Node, the native library, devices and CPU features; exit code 0 when training can run')
        .action(async () => {
        const diagnosis = await diagnose();
        process.stdout.write(`${formatDiagnosis(diagnosis)}\n`);
        if (!diagnosis.canTrain)
            process.exitCode = 1;
    });
}
//# sourceMappingURL=doctor-command.js.map