import type { GraphNode, Output } from './graph-def.ts';
import { type Argument, type Kernel, type OpArguments, signatureOf, tensorsOf } from './kernels.ts';

/** What is known of the ops of a graph. */
export interface KernelTable {
  /** By name. */
  readonly ops: Readonly<Record<string, OpArguments>>;
  /** By `signatureOf`. */
  readonly kernels: Readonly<Record<string, Kernel>>;
}

type Memory = 'host' | 'device';

/** Where a node runs, and where its tensors are. */
export interface Placed {
  readonly device: 'CPU' | 'GPU';
  readonly inputs: readonly Memory[];
  readonly outputs: readonly Memory[];
}

/** A tensor that is copied between host and device in each step. */
export interface Crossing {
  readonly tensor: Output;
  readonly to: Memory;
  /** Who reads it there. */
  readonly readers: readonly string[];
}

/** A type of which every tensor is in host memory: a string or a resource (`DataTypeAlwaysOnHost`). */
const isAlwaysOnHost = (type: number) => type === 7 || type === 20;
const RESOURCE = 20;

/** What only looks at the shape goes where its input is. */
const metadataOps = new Set(['Shape', 'ShapeN', 'Size', 'Rank']);

/** @throws Error that says which command asks TensorFlow for the kernels that the table lacks. */
export function requireKnown(nodes: readonly GraphNode[], { ops, kernels }: KernelTable): void {
  const unknown = nodes.filter((node) => !(node.op in ops) || !(signatureOf(node) in kernels));
  if (unknown.length === 0) return;
  const names = [...new Set(unknown.map(signatureOf))].join(', ');
  throw new Error(
    `test/gpu/gpu.json: expected the kernels of every op of the steps, got none for ${names}. Run pnpm platforms:gpu, and commit what it writes`,
  );
}

/** Nodes that must be together, for they share a variable: a resource and all that read or assign it. */
function variableGroups(nodes: readonly GraphNode[], { ops }: KernelTable): Map<string, string> {
  const owner = new Map<string, string>();
  const find = (name: string): string => {
    const parent = owner.get(name);
    return parent === undefined || parent === name ? name : find(parent);
  };
  for (const node of nodes) {
    const inputs = tensorsOf(node, ops[node.op]!.inputs);
    for (const [i, { type }] of inputs.entries()) {
      if (type === RESOURCE) owner.set(find(node.name), find(node.inputs[i]!.node));
    }
  }
  return new Map(nodes.map(({ name }) => [name, find(name)]));
}

/**
 * Where TensorFlow would run each node with one GPU, by the rules of its placer (core/common_runtime/placer.cc, colocation_graph.cc): on the GPU where
 * a kernel is, unless the node says otherwise or a variable that it shares cannot be there; what has no input goes to who reads it. `fed` are
 * outputs that come from outside, in host memory. Its graph optimiser comes after and is left out.
 */
export function place(
  nodes: readonly GraphNode[],
  table: KernelTable,
  fed: ReadonlySet<string>,
): Map<string, Placed> {
  requireKnown(nodes, table);
  const { ops, kernels } = table;
  const groups = variableGroups(nodes, table);
  const onCpu = new Set(
    nodes
      .filter((node) => /CPU/i.test(node.device) || !kernels[signatureOf(node)]!.gpu)
      .map(({ name }) => groups.get(name)!),
  );
  const mayUseGpu = ({ name }: GraphNode) => !onCpu.has(groups.get(name)!);
  const readers = new Map<string, string[]>();
  for (const { name, inputs, after } of nodes) {
    for (const from of [...inputs.map(({ node }) => node), ...after]) {
      readers.set(from, [...(readers.get(from) ?? []), name]);
    }
  }
  const devices = new Map<string, Placed['device']>();
  const isGenerator = ({ op, inputs }: GraphNode) =>
    inputs.length === 0 && ops[op]!.outputs.length === 1;
  for (const node of nodes.filter((one) => !isGenerator(one))) {
    const input = node.inputs[0]?.node;
    const beside = metadataOps.has(node.op) && input !== undefined ? devices.get(input) : undefined;
    devices.set(node.name, mayUseGpu(node) && beside !== 'CPU' ? 'GPU' : 'CPU');
  }
  for (const node of nodes.filter(isGenerator)) {
    const around = new Set((readers.get(node.name) ?? []).map((name) => devices.get(name)));
    const only = around.size === 1 ? [...around][0] : undefined;
    devices.set(node.name, mayUseGpu(node) && only !== 'CPU' ? 'GPU' : 'CPU');
  }
  return new Map(
    nodes.map((node) => {
      const device = fed.has(node.name) ? 'CPU' : devices.get(node.name)!;
      const { host } = kernels[signatureOf(node)]!;
      const memories = (args: readonly Argument[]) =>
        tensorsOf(node, args).map(({ name, type }) =>
          device === 'CPU' || host.includes(name) || isAlwaysOnHost(type) ? 'host' : 'device',
        );
      const { inputs, outputs } = ops[node.op]!;
      return [node.name, { device, inputs: memories(inputs), outputs: memories(outputs) }];
    }),
  );
}

/** The tensors that are copied in each step; what is fetched is read in host memory. A tensor is copied once to either side, whoever reads it. */
export function crossingsOf(
  nodes: readonly GraphNode[],
  placed: ReadonlyMap<string, Placed>,
  fetched: readonly string[],
): Crossing[] {
  const crossings = new Map<string, Crossing & { readers: string[] }>();
  const note = (tensor: Output, to: Memory, reader: string) => {
    if (placed.get(tensor.node)!.outputs[tensor.index] === to) return;
    const key = `${tensor.node}:${tensor.index}`;
    const known = crossings.get(key);
    if (known) known.readers.push(reader);
    else crossings.set(key, { tensor, to, readers: [reader] });
  };
  for (const { name, inputs } of nodes) {
    const { inputs: memories } = placed.get(name)!;
    for (const [i, tensor] of inputs.entries()) note(tensor, memories[i]!, name);
  }
  for (const name of fetched) note({ node: name, index: 0 }, 'host', 'the caller');
  return [...crossings.values()];
}
