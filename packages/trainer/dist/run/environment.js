import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
/** The commit of the git checkout that the command runs in, or null outside of one. */
function gitCommit() {
    try {
        return execFileSync('git', ['rev-parse', 'HEAD'], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
        }).trim();
    }
    catch {
        return null;
    }
}
/** Describe this machine and this command, for `env.json`. */
export function describeEnvironment(backend, precision, now) {
    const { dtype, native } = precision ?? { dtype: 'float32', native: 'fast' };
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return {
        trainer: manifest.version,
        node: process.version,
        tensorflow: backend.version,
        devices: backend.devices,
        precision: { dtype, native },
        platform: `${process.platform}-${process.arch}`,
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: availableParallelism(),
        memoryGiB: Math.round(totalmem() / 2 ** 30),
        commit: gitCommit(),
        command: process.argv.join(' '),
        started: now.toISOString(),
    };
}
//# sourceMappingURL=environment.js.map