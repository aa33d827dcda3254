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
  readonly mixup: boolean;
  readonly noBiasDecay: boolean;
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
  /** The share of the machine, from 0 to 1, that other processes had during the timed steps; null where it is not known. */
  readonly foreignShare: number | null;
  /** Time to build the graph; null where there is none, or where it hides in the first step. */
  readonly traceMs: number | null;
  /** The ops of one more step, the type that took most first; null where they are not known. */
  readonly ops: readonly OpTime[] | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number | null;
}
