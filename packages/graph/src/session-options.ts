import {
  type ClusterSpec,
  encodeThreads,
  type ThreadOptions,
} from '@bag-of-tricks/libtensorflow/native';

/** How TensorFlow runs the graph. */
export interface SessionOptions extends ThreadOptions {
  /** Let XLA compile the graph: half as fast on a CPU, sometimes faster on a GPU. Where it cannot, a warning says why. Default: `false`. */
  readonly xla?: boolean;
  /** Let GPU memory grow as it is needed, in place of taking all. Default: `true`. */
  readonly allowGrowth?: boolean;
  /** The processes that take part in the collective ops of the graph. Default: none, this process alone. */
  readonly cluster?: ClusterSpec;
  /** More fields of TensorFlow's ConfigProto, serialised; they win over the options above. */
  readonly config?: Uint8Array;
}

/** Field numbers of ConfigProto, GPUOptions, GraphOptions, OptimizerOptions and RewriterConfig (tensorflow/core/protobuf/*.proto). */
const GPU_OPTIONS = 6;
const GRAPH_OPTIONS = 10;
const REWRITE_OPTIONS = 10;
const META_OPTIMIZER_ITERATIONS = 12;
const ALLOW_GROWTH = 4;
const OPTIMIZER_OPTIONS = 3;
const GLOBAL_JIT_LEVEL = 5;
/** OptimizerOptions.ON_1, of which TensorFlow says that it is the one to use. */
const JIT_ON = 1;

/** The bytes of the ConfigProto for these options. */
export function encodeSessionOptions({
  xla = false,
  allowGrowth = true,
  config = new Uint8Array(),
  cluster: _,
  ...threads
}: SessionOptions): Uint8Array {
  const jit = message(GRAPH_OPTIONS, message(OPTIMIZER_OPTIONS, varint(GLOBAL_JIT_LEVEL, JIT_ON)));
  return Uint8Array.from([
    ...encodeThreads(threads),
    ...message(GPU_OPTIONS, allowGrowth ? varint(ALLOW_GROWTH, 1) : []),
    // TensorFlow looks through each graph twice: the second time found nothing in ours, and took half of the time before a first step.
    ...message(GRAPH_OPTIONS, message(REWRITE_OPTIONS, varint(META_OPTIMIZER_ITERATIONS, 1))),
    ...(xla ? jit : []),
    // Protocol buffers that are joined are merged, the last value of a field wins.
    ...config,
  ]);
}

function varint(field: number, value: number): number[] {
  return [field << 3, value];
}

function message(field: number, bytes: readonly number[]): number[] {
  return [(field << 3) | 2, bytes.length, ...bytes];
}
