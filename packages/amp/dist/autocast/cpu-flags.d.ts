/** The CPU's feature flags as Linux names them; none where they cannot be read. */
export declare function readCpuFlags(): ReadonlySet<string>;
/** Reads the text of /proc/cpuinfo: `flags` on x64, `Features` on ARM. */
export declare function parseCpuFlags(cpuinfo: string): ReadonlySet<string>;
//# sourceMappingURL=cpu-flags.d.ts.map