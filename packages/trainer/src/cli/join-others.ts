import type { Cluster } from '@bag-of-tricks/data-parallel';
import { printable } from '@bag-of-tricks/run-folder';
import { findCluster } from './find-cluster.ts';
import { heedLaunch } from './launch-messages.ts';

/** What all ranks but the first one say. */
const printWarnings = (line: string) => {
  if (line.startsWith('Warning: ')) process.stderr.write(`${printable(line)}\n`);
};

/** A process that knows those it trains with. */
export interface Joined {
  /** Null for one by itself. */
  readonly cluster: Cluster | null;
  readonly isFirst: boolean;
  /** As lines call it. */
  readonly self: string;
  readonly signal: AbortSignal;
  /** Rank 0 says all, the others only what to heed. */
  readonly onProgress: (line: string) => void;
}

type Joining = Parameters<typeof findCluster>[0];

/** Finds the other processes of a run, if there are any, says which one writes, and stops with the `launch` that started it. */
export async function joinOthers(joining: Joining): Promise<Joined> {
  heedLaunch();
  const { signal, print } = joining;
  const cluster = await findCluster(joining);
  const isFirst = cluster === null || cluster.rank === 0;
  const self = `rank ${cluster?.rank} of ${cluster?.addresses.length}`;
  if (!isFirst) print(`${self}: rank 0 at ${cluster.addresses[0]} writes lines and files`);
  return { cluster, isFirst, self, signal, onProgress: isFirst ? print : printWarnings };
}
