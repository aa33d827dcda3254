import { fieldsOf, messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';
import { type Placement, placementOf } from './placement.ts';

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
  /** From the start of the first op to the end of the last; TensorFlow's notes make it a little longer than other runs. */
  readonly milliseconds: number;
  /** The op that took most comes first. */
  readonly ops: readonly OpTime[];
  /** Where they ran, and what was copied from device to device. */
  readonly placement: Placement;
}

/** Field numbers of RunMetadata, StepStats, DeviceStepStats and NodeExecStats (tensorflow/core/framework/step_stats.proto). */
const STEP_STATS = 1;
const DEVICE_STATS = 1;
const NODE_STATS = 2;
const NODE_NAME = 1;
const START = 2;
const OP_START = 3;
const OP_END = 4;
const END = 5;
const TIMELINE_LABEL = 8;

/** Sums the times of a RunMetadata by type of op. */
export function summarise(metadata: Uint8Array): Profile {
  const ops = new Map<string, { count: number; microseconds: number }>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const stats of messagesOf(metadata, STEP_STATS)) {
    for (const device of messagesOf(stats, DEVICE_STATS)) {
      for (const node of messagesOf(device, NODE_STATS)) {
        const { op, microseconds, start, end } = readNode(node);
        first = Math.min(first, start);
        last = Math.max(last, end);
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
  const milliseconds = ops.size === 0 ? 0 : (last - first) / 1000;
  const sorted = times.sort((a, b) => b.milliseconds - a.milliseconds);
  return { milliseconds, ops: sorted, placement: placementOf(metadata) };
}

/** What is known of a node, its times in microseconds. */
function readNode(node: Uint8Array) {
  const fields = new Map([...fieldsOf(node)].map(({ number, value }) => [number, value]));
  const text = (field: number) =>
    new TextDecoder().decode(fields.get(field) as Uint8Array | undefined);
  const time = (field: number) => (fields.get(field) as number | undefined) ?? 0;
  // Such as `Conv2D_7 = Conv2D(input, Const)`; a node that came from elsewhere has a name only.
  const label = text(TIMELINE_LABEL);
  const op = /= ([\w.]+)\(/.exec(label)?.[1] ?? text(NODE_NAME).replace(/(_\d+)+$/, '');
  return {
    op,
    microseconds: time(OP_END) - time(OP_START),
    start: time(START),
    end: time(START) + time(END),
  };
}
