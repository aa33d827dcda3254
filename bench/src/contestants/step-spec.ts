import type { LowPrecision, PrecisionProbe } from '@bag-of-tricks/amp';
import type { Precision } from './precision.ts';

/** What one child process is to do: train a network for some steps on one batch. Both languages read it, as JSON. */
export interface StepSpec {
  readonly network: string;
  readonly numClasses: number;
  readonly batchSize: number;
  readonly imageSize: number;
  /** Where `tensors.json` and `tensors.bin` hold the initial weights and the batch. */
  readonly dataFolder: string;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Label smoothing. */
  readonly epsilon: number;
  /** null: each library's own choice. */
  readonly threads: number | null;
  /** Mixed precision, by each library's own means; null: float32 throughout. */
  readonly amp: LowPrecision | null;
  /** Whether, in ours, the device's own kernels compute `amp`, the same in all rounds; null: each process's own probe says. */
  readonly native: PrecisionProbe['native'] | null;
  /** Untimed, and the first `checkedSteps` of them have their losses compared. */
  readonly warmupSteps: number;
  readonly checkedSteps: number;
  readonly steps: number;
}

/** What PyTorch's process is told besides. */
export interface PyTorchSpec extends StepSpec {
  readonly channelsLast: boolean;
  readonly compile: boolean;
}

/** What our process is told besides. */
export interface OursSpec extends StepSpec {
  readonly execution: 'graph' | 'eager';
  /** What computes, as the trainer's `backend`. */
  readonly backend: 'tensorflow' | 'cpu' | 'wasm';
  readonly mixup: boolean;
  readonly noBiasDecay: boolean;
  /** TensorFlow rewrites our float32 graph to bfloat16 by itself. */
  readonly rewrite: boolean;
  /** The network that teaches, by distillation; null: labels alone do. */
  readonly teacher: string | null;
  /** Of the gradients between the processes of a group; null: each goes its own way. */
  readonly wire: 'float32' | 'bfloat16' | 'float16' | null;
}

/** All ops of one type in a step. */
export interface OpTime {
  readonly op: string;
  readonly count: number;
  /** Summed over the ops; in a graph some run side by side. */
  readonly milliseconds: number;
}

/** What a child process saw. */
export interface StepResult {
  /** Of the checked steps. */
  readonly losses: readonly number[];
  /** Sum over all running variances after the checked steps. */
  readonly runningVarianceSum: number;
  readonly warmupMs: readonly number[];
  readonly stepMs: readonly number[];
  readonly peakRssBytes: number;
  /** Time of all cores that the process had since it started. */
  readonly cpuMs: number;
  /** What left the network interface in a step, of a process in a group. */
  readonly sentBytes?: number | null;
  /** The share of the machine, from 0 to 1, that other processes had during the timed steps; null where it is not known. */
  readonly foreignShare: number | null;
  /** Time to build the graph; null where there is none, or where it hides in the first step. */
  readonly traceMs: number | null;
  /** The ops of one more step, the type that took most first; null where they are not known. */
  readonly ops: readonly OpTime[] | null;
  /** What matrix products were seen to compute in; null where it was not looked at. */
  readonly computesIn: Precision | 'mixed' | null;
  /** Convolutions, their gradients and matrix products of the graph, such as `{ 'Conv2D bfloat16': 53 }`; null without one. */
  readonly matrixOps: Readonly<Record<string, number>> | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number | null;
}
