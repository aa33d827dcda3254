import { readFileSync } from 'node:fs';
import { type Cluster, connect, meet, placementFrom } from '@bag-of-tricks/data-parallel';
import type { ProcessGroup } from '@bag-of-tricks/train-step';
import type { FileTensor } from '../contestants/tensor-file.ts';

/** The processes that train on one batch. */
export interface Group extends ProcessGroup {
  readonly cluster: Cluster;
  /** The rows that are this process's. */
  partOf(tensor: FileTensor): FileTensor;
  /** Waits for the others. */
  meet(): Promise<unknown>;
  /** The returned function tells how many bytes have left since. */
  watchSent(): () => number;
}

/** A process that hangs ends the measurement. */
const timeout = 120;

/** The group that the parent set up with torchrun's variables, which PyTorch reads too; null for a process by itself. */
export async function joinGroup(environment: NodeJS.ProcessEnv): Promise<Group | null> {
  const placement = placementFrom(environment);
  if (placement === null) return null;
  const found = 'cluster' in placement ? placement.cluster : await meet(placement.meeting);
  const cluster = { ...found, timeout };
  const { rank, size, sum } = await connect(cluster);
  const sent = () => sentBytes(environment.GLOO_SOCKET_IFNAME ?? 'lo');
  return {
    ...{ rank, size, cluster, timeout, isToStop: () => false },
    partOf({ shape: [rows, ...rest], data }) {
      const own = data.length / size;
      return {
        shape: [rows! / size, ...rest],
        data: data.subarray(rank * own, (rank + 1) * own),
      };
    },
    meet: () => sum([0]),
    watchSent() {
      const before = sent();
      return () => sent() - before;
    },
  };
}

function sentBytes(networkInterface: string): number {
  return Number(readFileSync(`/sys/class/net/${networkInterface}/statistics/tx_bytes`, 'utf8'));
}
