import { fieldsOf, messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';

/** An output of a node, by its place. */
export interface Output {
  readonly node: string;
  readonly index: number;
}

/** A node of a GraphDef. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Output[];
  /** Nodes that run before it, and give it nothing. */
  readonly after: readonly string[];
  /** Where it is to run, or ''. */
  readonly device: string;
  /** TensorFlow's numbers of the types in its attributes, one or a list each. */
  readonly types: Readonly<Record<string, readonly number[]>>;
  /** Its attributes that are whole numbers. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Field numbers of GraphDef, NodeDef, its map of attributes and AttrValue (tensorflow/core/framework/*.proto). */
const NODE = 1;
const [NAME, OP, INPUT, DEVICE, ATTRIBUTE] = [1, 2, 3, 4, 5];
const [KEY, VALUE] = [1, 2];
const [LIST, INT, TYPE] = [1, 3, 6];

export const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
export const textOf = (message: Uint8Array, field: number) => text(messagesOf(message, field)[0]);

/** The types that an AttrValue holds: one, or a list, packed or not. */
export function typesOf(value: Uint8Array): number[] {
  return [...fieldsOf(value)].flatMap(({ number, value: held }) => {
    if (number === TYPE) return typeof held === 'number' ? [held] : [...held];
    return number === LIST && held instanceof Uint8Array ? typesOf(held) : [];
  });
}

function readNode(node: Uint8Array): GraphNode {
  const inputs = messagesOf(node, INPUT).map(text);
  const types: Record<string, number[]> = {};
  const numbers: Record<string, number> = {};
  for (const entry of messagesOf(node, ATTRIBUTE)) {
    const key = textOf(entry, KEY);
    const value = messagesOf(entry, VALUE)[0] ?? new Uint8Array();
    const held = typesOf(value);
    if (held.length > 0) types[key] = held;
    const number = [...fieldsOf(value)].find((field) => field.number === INT)?.value;
    if (typeof number === 'number') numbers[key] = number;
  }
  return {
    name: textOf(node, NAME),
    op: textOf(node, OP),
    device: textOf(node, DEVICE),
    inputs: inputs.filter((input) => !input.startsWith('^')).map(outputNamed),
    after: inputs.flatMap((input) => (input.startsWith('^') ? [input.slice(1)] : [])),
    types,
    numbers,
  };
}

function outputNamed(name: string): Output {
  const [node = '', index = '0'] = name.split(':');
  return { node, index: Number(index) };
}

/** The nodes of a serialised GraphDef, in order. */
export const graphNodes = (graphDef: Uint8Array): GraphNode[] =>
  messagesOf(graphDef, NODE).map(readNode);

/** Those that the roots need, in the order of `nodes`. */
export function needed(nodes: readonly GraphNode[], roots: readonly string[]): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const seen = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const { inputs, after } = byName.get(name)!;
    waiting.push(...inputs.map(({ node }) => node), ...after);
  }
  return nodes.filter(({ name }) => seen.has(name));
}
