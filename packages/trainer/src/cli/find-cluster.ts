import { type Cluster, meet, placementFrom } from '@bag-of-tricks/data-parallel';

/** Options of `findCluster`. */
interface FindOptions extends Pick<Cluster, 'timeout' | 'heartbeat'> {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The processes that train together, as whoever started them says in the environment; null for one by itself. */
export async function findCluster({
  timeout,
  heartbeat,
  signal,
  print,
}: FindOptions): Promise<Cluster | null> {
  const placement = placementFrom(process.env);
  if (placement === null) return null;
  const cluster =
    'cluster' in placement
      ? placement.cluster
      : await meet(placement.meeting, {
          signal,
          timeout,
          onWait: (message) => print(`Warning: ${message}`),
        });
  const { rank, addresses } = cluster;
  if (rank === 0) {
    print(
      `${addresses.length} processes, as ${placement.by} says: ${addresses.join(', ')}. Their connections have no authentication: they belong in a network of your own`,
    );
  }
  return { ...cluster, timeout, heartbeat };
}
