import type { GraphNode } from './graph-def.ts';
import { signatureOf } from './kernels.ts';
import { type Crossing, crossingsOf, type KernelTable, type Placed, place } from './place.ts';
import type { Step } from './steps.ts';

/**
 * Tensors of one kind that are copied between host and device in a step. `in`: what the host knows without waiting for the device, such as the batch;
 * `out`: what the caller asked for; `within`: for these the host waits for the device, or the device for the host, in the middle of the step.
 */
export interface Copies {
  readonly kind: 'in' | 'out' | 'within';
  /** The op that makes the tensor, with its types. */
  readonly of: string;
  readonly readBy: readonly string[];
  readonly count: number;
  /** Of all of them, in a step. */
  readonly bytes: number;
}

/** A step on paper. */
export interface StepTable {
  readonly name: string;
  readonly nodes: number;
  /** Nodes on the GPU's side whose tensors are all in host memory: the CPU computes them. */
  readonly onHost: number;
  /** What runs on the CPU, for it has no kernel for GPUs or belongs to what has none, by `signatureOf`. */
  readonly onCpu: Readonly<Record<string, number>>;
  readonly copies: readonly Copies[];
}

/** Bytes of an element, by TensorFlow's number of the type. */
const widths: Readonly<Record<number, number>> = {
  ...{ 1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 6: 1, 9: 8, 10: 1, 14: 2, 19: 2 },
};

/** Says what TensorFlow knows of an output `node:index`. */
export interface Shapes {
  shapeOf(output: string): readonly number[] | undefined;
  typeOf(node: GraphNode, index: number): number;
}

/** Places a step and adds up what is copied. */
export function describeStep(step: Step, table: KernelTable, shapes: Shapes): StepTable {
  const { name, nodes, fed, fetched } = step;
  const placed = place(nodes, table, fed);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const computed = nodes.filter((node) => !fed.has(node.name));
  const onCpu = computed.filter((node) => placed.get(node.name)!.device === 'CPU');
  const isOfHost = ({ device, inputs, outputs }: Placed) =>
    device === 'GPU' &&
    inputs.length + outputs.length > 0 &&
    [...inputs, ...outputs].every((memory) => memory === 'host');
  const waits = waiting(nodes, placed);
  const copies = new Map<string, Copies>();
  for (const crossing of crossingsOf(nodes, placed, fetched)) {
    const { tensor, readers } = crossing;
    const node = byName.get(tensor.node)!;
    const readBy = [...new Set(readers.map((reader) => byName.get(reader)?.op ?? reader))].sort();
    const kind = kindOf(crossing, waits);
    const of = fed.has(node.name) ? node.name : signatureOf(node);
    const shape = shapes.shapeOf(`${node.name}:${tensor.index}`);
    if (shape === undefined) throw new Error(`${node.name}: expected a shape that is known`);
    const width = widths[shapes.typeOf(node, tensor.index)]!;
    const bytes = shape.reduce((product, size) => product * size, width);
    const key = JSON.stringify([kind, of, readBy]);
    const known = copies.get(key) ?? { kind, of, readBy, count: 0, bytes: 0 };
    copies.set(key, { ...known, count: known.count + 1, bytes: known.bytes + bytes });
  }
  return {
    name,
    nodes: nodes.length,
    onHost: computed.filter((node) => isOfHost(placed.get(node.name)!)).length,
    onCpu: counted(onCpu.map(signatureOf)),
    copies: [...copies.values()],
  };
}

function kindOf({ tensor, to, readers }: Crossing, waits: ReadonlySet<string>): Copies['kind'] {
  if (to === 'device') return waits.has(tensor.node) ? 'within' : 'in';
  return readers.every((reader) => reader === 'the caller') ? 'out' : 'within';
}

/** The nodes that need something of the device; nodes come after their inputs. */
function waiting(
  nodes: readonly GraphNode[],
  placed: ReadonlyMap<string, Placed>,
): ReadonlySet<string> {
  const waits = new Set<string>();
  for (const { name, inputs } of nodes) {
    const own = placed.get(name)!;
    const touches = [...own.inputs, ...own.outputs].includes('device');
    if (touches || inputs.some(({ node }) => waits.has(node))) waits.add(name);
  }
  return waits;
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
