import { setTimeout as delay } from 'node:timers/promises';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { PublishedNumber, startServer } from '@bag-of-tricks/libtensorflow/native';
import type { Cluster } from './cluster.ts';

/** Who waits in which exchange: the first of a process is 1, and all have the same in the same order. */
export interface Attendance {
  /** Tells the others, after a second, that this process waits in the exchange; the function that it returns ends that. */
  wait(exchange: number): () => void;
  /** Tells them now that this process is in the exchange. */
  tell(exchange: number): void;
  /** Whether another process is known to wait in the exchange, or in a later one. */
  isIn(rank: number, exchange: number): Promise<boolean>;
  dispose(): void;
}

/** Of the processes of a cluster, each by a number at its server: one whose JavaScript hangs still has an old one there. */
export async function openAttendance(cluster: Cluster): Promise<Attendance> {
  const { api } = await registerTensorFlowBackend();
  const server = await startServer(api, cluster);
  const numberOf = (rank: number) =>
    new PublishedNumber(api, server, { addresses: cluster.addresses, rank });
  const own = numberOf(cluster.rank);
  await own.write(0);
  let last = Promise.resolve();
  const tell = (exchange: number) => {
    last = last.then(() => own.write(exchange)).catch(() => {});
  };
  return {
    tell,
    wait(exchange) {
      const timer = setTimeout(tell, 1000, exchange);
      return () => clearTimeout(timer);
    },
    async isIn(rank, exchange) {
      // Not freed where it is not over: TensorFlow may never return.
      const theirs = numberOf(rank);
      const read = theirs.read().finally(() => theirs.dispose());
      return Promise.race([read, delay(5000, 0, { ref: false })]).then(
        (number) => number >= exchange,
        () => false,
      );
    },
    dispose() {
      // What is being told needs the session.
      last = last.then(() => own.dispose());
    },
  };
}
