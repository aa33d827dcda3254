import { type Cluster, connect, type Processes } from '@bag-of-tricks/data-parallel';
import { TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import type { ProcessGroup } from '@bag-of-tricks/train-step';

/** The processes of a run: they take each step together, and stop together. */
export interface RunProcesses extends Processes, ProcessGroup {
  readonly cluster: Cluster | null;
  /** Aborted when all are to stop after this step; of a process by itself, when it is asked to. */
  readonly signal: AbortSignal | undefined;
  /** Takes what share of them was asked to stop. */
  hear(stopping: number): void;
  /** Sums over the images of all processes, of sums over those of each. */
  sumScores(scores: readonly number[]): Promise<number[]>;
}

/** Connects to the others, if there are any; `signal` asks this one to stop. */
export async function openProcesses(
  cluster: Cluster | null,
  signal: AbortSignal | undefined,
): Promise<RunProcesses> {
  const processes = await connect(cluster);
  const isToStop = () => signal?.aborted ?? false;
  const base = { ...processes, cluster, timeout: cluster?.timeout, isToStop };
  if (cluster === null) return { ...base, signal, hear: () => {}, sumScores: processes.sum };
  const together = new AbortController();
  const hear = (stopping: number) => {
    if (stopping > 0) together.abort();
  };
  return {
    ...base,
    ...{ signal: together.signal, hear },
    async sumScores(scores) {
      const [stopping, ...sums] = await processes.sum([isToStop() ? 1 : 0, ...scores]);
      hear(stopping!);
      return sums;
    },
  };
}

/** How TensorFlow reports that another process ended, or does not come. */
const gone = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'CANCELLED', 'INTERNAL', 'UNKNOWN'];

/** The error of a step that the others did not join, or any other as it is. */
export function explainGone({ rank, size }: RunProcesses, error: unknown): unknown {
  if (size === 1 || !(error instanceof TensorFlowError) || !gone.includes(error.code)) return error;
  const [, other] = /\/task:(\d+)/.exec(error.reason) ?? [];
  const who = other === undefined || Number(other) === rank ? 'another rank' : `rank ${other}`;
  return new Error(
    `rank ${rank}: expected ${who} to go on, it has ended, hangs or cannot be reached; its own output says why. Start all again with --resume. TensorFlow says: ${error.message}`,
    { cause: error },
  );
}
