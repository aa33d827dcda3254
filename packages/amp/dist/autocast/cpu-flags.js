/** The CPU's feature flags as Linux names them; none where they cannot be read. */
export function readCpuFlags() {
    // Asked for at run time: this package is for browsers too, and imports nothing of Node.
    const fs = globalThis.process?.getBuiltinModule?.('node:fs');
    try {
        return parseCpuFlags(fs?.readFileSync('/proc/cpuinfo', 'utf8') ?? '');
    }
    catch {
        return new Set();
    }
}
/** Reads the text of /proc/cpuinfo: `flags` on x64, `Features` on ARM. */
export function parseCpuFlags(cpuinfo) {
    return new Set(/^(?:flags|Features)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.split(' '));
}
//# sourceMappingURL=cpu-flags.js.map