import { fieldsOf } from './protobuf.ts';

/** The time that the ops of one type took in a run. */
export interface OpTime {
  /** TensorFlow's name of the op, such as `Conv2DBackpropFilter`; fused ones as they ran. */
  readonly op: string;
  readonly count: number;
  /** Of thread time, summed over its ops: more than the run took where ops run side by side. */
  readonly milliseconds: number;
}

/** Where the time of a run went. */
export interface Profile {
  /** Wall time of the run, which TensorFlow's notes make a little longer than others. */
  readonly milliseconds: number;
  /** The op that took most comes first. */
  readonly ops: readonly OpTime[];
}

/** Field numbers of RunMetadata, StepStats, DeviceStepStats and NodeExecStats (tensorflow/core/framework/step_stats.proto). */
const STEP_STATS = 1;
const DEVICE_STATS = 1;
const NODE_STATS = 2;
const NODE_NAME = 1;
const OP_START = 3;
const OP_END = 4;
const TIMELINE_LABEL = 8;

/** Sums the times of a RunMetadata by type of op. */
export function summarise(metadata: Uint8Array, milliseconds: number): Profile {
  const ops = new Map<string, { count: number; microseconds: number }>();
  for (const stats of messages(metadata, STEP_STATS)) {
    for (const device of messages(stats, DEVICE_STATS)) {
      for (const node of messages(device, NODE_STATS)) {
        const { op, microseconds } = readNode(node);
        const sum = ops.get(op) ?? { count: 0, microseconds: 0 };
        sum.count++;
        sum.microseconds += microseconds;
        ops.set(op, sum);
      }
    }
  }
  const times = [...ops].map(([op, { count, microseconds }]) => ({
    op,
    count,
    milliseconds: microseconds / 1000,
  }));
  return { milliseconds, ops: times.sort((a, b) => b.milliseconds - a.milliseconds) };
}

function readNode(node: Uint8Array): { op: string; microseconds: number } {
  const text = new TextDecoder();
  const fields = new Map([...fieldsOf(node)].map(({ number, value }) => [number, value]));
  // Such as `Conv2D_7 = Conv2D(input, Const)`; a node that came from elsewhere has a name only.
  const label = text.decode(fields.get(TIMELINE_LABEL) as Uint8Array | undefined);
  const name = text.decode(fields.get(NODE_NAME) as Uint8Array | undefined);
  const op = /= ([\w.]+)\(/.exec(label)?.[1] ?? name.replace(/(_\d+)+$/, '');
  const start = (fields.get(OP_START) as number | undefined) ?? 0;
  const end = (fields.get(OP_END) as number | undefined) ?? start;
  return { op, microseconds: end - start };
}

function* messages(message: Uint8Array, field: number): Generator<Uint8Array> {
  for (const { number, value } of fieldsOf(message)) {
    if (number === field && value instanceof Uint8Array) yield value;
  }
}
