import { create } from '@bufbuild/protobuf';
import {
  type AttrValue,
  AttrValue_ListValueSchema,
  AttrValueSchema,
  DataType,
  NameAttrListSchema,
  type NodeDef,
  NodeDefSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProtoSchema,
} from '../proto/tensorflow.generated.ts';

/** A graph's nodes by name, each after its inputs; what is not needed for the outputs is not there. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly outputs: readonly string[];
}

/** The values of a constant. */
export interface Constant {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** The name of the node that an input of another comes from: `split:1` and `^split` are of `split`. */
export const sourceOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

/** Keeps what the outputs need, in an order that can be computed. */
export function graphOf(nodes: Iterable<NodeDef>, outputs: readonly string[]): Graph {
  const all = new Map(Array.from(nodes, (node) => [node.name, node]));
  const kept = new Map<string, NodeDef>();
  const stack = [...outputs].reverse();
  const open = new Set<string>();
  while (stack.length > 0) {
    const name = stack.at(-1)!;
    const node = all.get(name);
    if (!node) throw new Error(`exportModel: expected a node '${name}' in the graph, found none.`);
    const next = kept.has(name) ? [] : node.input.map(sourceOf).filter((one) => !kept.has(one));
    if (next.length > 0 && !open.has(name)) {
      open.add(name);
      stack.push(...next.reverse());
    } else {
      stack.pop();
      kept.set(name, node);
    }
  }
  return { nodes: kept, outputs };
}

/** Replaces nodes by others of the same outputs; a node for which `replace` returns nothing stays. */
export const mapNodes = (
  { nodes, outputs }: Graph,
  replace: (node: NodeDef) => readonly NodeDef[] | undefined,
): Graph =>
  graphOf(
    Array.from(nodes.values()).flatMap((node) => replace(node) ?? [node]),
    outputs,
  );

/** How many inputs of other nodes, or outputs of the graph, a node is. */
export function usesOf({ nodes, outputs }: Graph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const inputs = Array.from(nodes.values()).flatMap(({ input }) => input.map(sourceOf));
  for (const name of [...inputs, ...outputs]) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** The memory of an array, not copied. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

export const shapeProto = (shape: readonly number[]) =>
  create(TensorShapeProtoSchema, { dim: shape.map((size) => ({ size: BigInt(size) })) });

/** A node of this name that holds the values. */
export const constantNode = (name: string, { dtype, shape, values }: Constant): NodeDef =>
  node(name, 'Const', [], {
    dtype: { case: 'type', value: dtype },
    value: {
      case: 'tensor',
      value: create(TensorProtoSchema, {
        dtype,
        tensorShape: shapeProto(shape),
        tensorContent: bytesOf(values),
      }),
    },
  });

/** Values of attributes. */
export const attributes = {
  type: (value: DataType): AttrValue['value'] => ({ case: 'type', value }),
  types: (type: DataType[]): AttrValue['value'] => ({
    ...{ case: 'list', value: create(AttrValue_ListValueSchema, { type }) },
  }),
  shape: (sizes: readonly number[]): AttrValue['value'] => ({
    ...{ case: 'shape', value: shapeProto(sizes) },
  }),
  shapes: (...shapes: (readonly number[])[]): AttrValue['value'] => ({
    ...{
      case: 'list',
      value: create(AttrValue_ListValueSchema, { shape: shapes.map(shapeProto) }),
    },
  }),
  text: (value: string): AttrValue['value'] => ({ case: 's', value: Buffer.from(value) }),
  flag: (value: boolean): AttrValue['value'] => ({ case: 'b', value }),
  int: (value: number): AttrValue['value'] => ({ case: 'i', value: BigInt(value) }),
  func: (name: string): AttrValue['value'] => ({
    ...{ case: 'func', value: create(NameAttrListSchema, { name }) },
  }),
};

/** A node with these attributes. */
export const node = (
  name: string,
  op: string,
  input: readonly string[],
  attributes: Readonly<Record<string, AttrValue['value']>>,
): NodeDef =>
  create(NodeDefSchema, {
    ...{ name, op, input: [...input] },
    attr: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, create(AttrValueSchema, { value })]),
    ),
  });

/** What a constant node holds; undefined for any other node, and for types that no weight has. */
export function constantOf({ op, attr }: NodeDef): Constant | undefined {
  const value = attr.value?.value;
  if (op !== 'Const' || value?.case !== 'tensor') return undefined;
  const { dtype, tensorShape } = value.value;
  const shape = tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  const values = valuesOf(
    value.value,
    shape.reduce((product, size) => product * size, 1),
  );
  return values && { dtype, shape, values };
}

const arrays = {
  [DataType.DT_FLOAT]: Float32Array,
  [DataType.DT_INT32]: Int32Array,
  [DataType.DT_UINT8]: Uint8Array,
  [DataType.DT_BOOL]: Uint8Array,
} as const;

function valuesOf(tensor: TensorProto, size: number): Constant['values'] | undefined {
  const { dtype, tensorContent: content, floatVal, intVal, boolVal } = tensor;
  if (!(dtype in arrays)) return undefined;
  const ElementArray = arrays[dtype as keyof typeof arrays];
  // A copy begins where numbers of four bytes may begin.
  if (content.byteLength > 0) return new ElementArray(content.slice().buffer);
  const listed =
    dtype === DataType.DT_FLOAT ? floatVal : dtype === DataType.DT_BOOL ? boolVal : intVal;
  // The last number stands for all that follow.
  const numbers = Array.from({ length: size }, (_, i) => listed[i] ?? listed.at(-1) ?? 0);
  return new ElementArray(numbers.map(Number));
}
