import { readFileSync } from 'node:fs';

/** Time of all cores since the machine started, in milliseconds. */
export interface CoreTimes {
  readonly total: number;
  /** Not idle; on a virtual machine also what its host gave to others. */
  readonly busy: number;
}

/** /proc/stat counts in hundredths of a second (USER_HZ). */
const msPerTick = 10;

/** Reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseCoreTimes(stat: string): CoreTimes | null {
  const fields = /^cpu +(.+)$/m.exec(stat)?.[1]?.split(' ').slice(0, 8).map(Number);
  if (fields === undefined || fields.length < 8 || fields.some(Number.isNaN)) return null;
  const total = fields.reduce((sum, ticks) => sum + ticks, 0);
  return { total: total * msPerTick, busy: (total - fields[3]! - fields[4]!) * msPerTick };
}

/** null where there is no /proc/stat. */
export function readCoreTimes(): CoreTimes | null {
  try {
    return parseCoreTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/** Starts watching the machine; the returned function tells how large a share of it others than this process had since. */
export function watchLoad(): () => number | null {
  const before = readCoreTimes();
  const ownBefore = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(ownBefore);
    return foreignShare(before, readCoreTimes(), (user + system) / 1000);
  };
}

/** The share of the machine, from 0 to 1, that others than a process with `cpuMs` had between two readings. */
export function foreignShare(
  before: CoreTimes | null,
  after: CoreTimes | null,
  cpuMs: number,
): number | null {
  if (before === null || after === null || after.total <= before.total) return null;
  const foreign = (after.busy - before.busy - cpuMs) / (after.total - before.total);
  return Math.min(Math.max(foreign, 0), 1);
}
