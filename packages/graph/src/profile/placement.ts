import { messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';

/** A tensor that is copied between host and device, or from one GPU to another, in a run. */
export interface Transfer {
  /** Its name in TensorFlow's graph, such as `edge_7_images`. */
  readonly tensor: string;
  /** Such as `CPU:0`; of a GPU, `GPU:0`, or `GPU:0 (host)` for what an op of the GPU has in host memory. */
  readonly from: string;
  readonly to: string;
  /** `in`: an input of the run; `out`: a result of it; `within`: what is copied in between. */
  readonly kind: 'in' | 'out' | 'within';
}

/** Where TensorFlow ran the ops of a graph, after all that its optimiser did. */
export interface Placement {
  /** How many ops of each type ran on each device, by its name, such as `CPU:0`; without those that only hand on tensors. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly transfers: readonly Transfer[];
}

/** Field numbers of RunMetadata (config.proto), GraphDef, NodeDef and AttrValue. */
const [PARTITION_GRAPHS, NODE] = [3, 1];
const [NAME, OP, INPUT, DEVICE, ATTRIBUTE] = [1, 2, 3, 4, 5];
const [KEY, VALUE, STRING] = [1, 2, 2];

const SEND = /^_(Host)?Send$/;
const RECEIVE = /^_(Host)?Recv$/;
/** What TensorFlow adds for inputs, results and their ways. */
const isPassing = (op: string) => SEND.test(op) || RECEIVE.test(op) || /^_(Arg|Retval)$/.test(op);

interface PlacedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly device: string;
  /** Of what sends or receives a tensor, its name. */
  readonly tensor: string;
}

/** The graph of a device. */
type Partition = ReadonlyMap<string, PlacedNode>;

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const textOf = (message: Uint8Array, field: number) => text(messagesOf(message, field)[0]);

function readNode(node: Uint8Array): PlacedNode {
  const attribute = messagesOf(node, ATTRIBUTE).find((one) => textOf(one, KEY) === 'tensor_name');
  const value = attribute && messagesOf(attribute, VALUE)[0];
  return {
    op: textOf(node, OP),
    inputs: messagesOf(node, INPUT).map((input) => text(input).replace(/^\^|:\d+$/g, '')),
    device: textOf(node, DEVICE).replace(/^.*device:/, ''),
    tensor: value ? textOf(value, STRING) : '',
  };
}

/** Where the tensors of a node that sends or receives are. */
const memoryOf = ({ op, device }: PlacedNode) =>
  op.startsWith('_Host') && !device.startsWith('CPU') ? `${device} (host)` : device;

const isHost = (memory: string) => memory.startsWith('CPU') || memory.endsWith('(host)');

/** Reads the graphs, one a device, that a run's RunMetadata holds. */
export function placementOf(metadata: Uint8Array): Placement {
  const partitions = messagesOf(metadata, PARTITION_GRAPHS).map(
    (graph): Partition =>
      new Map(messagesOf(graph, NODE).map((node) => [textOf(node, NAME), readNode(node)])),
  );
  const devices: Record<string, Record<string, number>> = {};
  for (const { op, device } of partitions.flatMap((nodes) => [...nodes.values()])) {
    if (isPassing(op)) continue;
    devices[device] ??= {};
    devices[device][op] = (devices[device][op] ?? 0) + 1;
  }
  return { devices, transfers: transfersOf(partitions) };
}

function transfersOf(partitions: readonly Partition[]): Transfer[] {
  const received = new Map<string, { to: string; isResult: boolean }>();
  for (const nodes of partitions) {
    const all = [...nodes];
    for (const [name, node] of all) {
      if (!RECEIVE.test(node.op)) continue;
      const readers = all.filter(([, { inputs }]) => inputs.includes(name));
      const isResult = readers.length > 0 && readers.every(([, { op }]) => op === '_Retval');
      received.set(node.tensor, { to: memoryOf(node), isResult });
    }
  }
  return partitions.flatMap((nodes) =>
    [...nodes.values()].flatMap((send): Transfer[] => {
      const receiver = SEND.test(send.op) ? received.get(send.tensor) : undefined;
      if (receiver === undefined) return [];
      const { to, isResult } = receiver;
      const from = memoryOf(send);
      if (isHost(from) && isHost(to)) return [];
      const isInput = send.inputs.some((input) => nodes.get(input)?.op === '_Arg');
      const kind = isInput ? 'in' : isResult ? 'out' : 'within';
      return [{ tensor: send.tensor, from, to, kind }];
    }),
  );
}
