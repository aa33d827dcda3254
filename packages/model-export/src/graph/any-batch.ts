import { equals } from '@bufbuild/protobuf';
import { AttrValueSchema, DataType, type NodeDef } from '../proto/tensorflow.generated.ts';
import { layerOf } from './layer-of.ts';
import {
  attributes,
  type Constant,
  constantNode,
  constantOf,
  type Graph,
  graphOf,
  node,
  shapeProto,
  sourceOf,
} from './nodes.ts';

const outputName = 'probabilities';

/**
 * Makes one graph of any batch of two that were traced for different ones: they differ in the size of the input and in the shapes that
 * values are given.
 *
 * @throws Error naming the op and the layer that depend on the batch in any other way.
 */
export function withAnyBatch(nodes: readonly NodeDef[], batches: readonly [number, number]): Graph {
  const all = new Map(nodes.map((one) => [one.name, one]));
  const outputs = nodes.filter(({ op, name }) => op === 'Identity' && name.startsWith('outputs/'));
  const merged = new Map<string, NodeDef>();
  const add = (one: NodeDef): string => {
    merged.set(one.name, one);
    return one.name;
  };
  const merge = (first: string, second: string): string => {
    const [one, other] = [all.get(sourceOf(first))!, all.get(sourceOf(second))!];
    if (one === other) copy(one);
    else if (!merged.has(one.name)) {
      if (one.op === 'Placeholder' && other.op === 'Placeholder') add(images(one));
      else add(mergeNodes(one, other));
    }
    return first;
  };
  const copy = (one: NodeDef): void => {
    if (merged.has(one.name)) return;
    add(one);
    for (const input of one.input) copy(all.get(sourceOf(input))!);
  };
  const mergeNodes = (one: NodeDef, other: NodeDef): NodeDef => {
    const isSame =
      one.op === other.op &&
      one.input.length === other.input.length &&
      Object.entries(one.attr).every(([key, value]) =>
        equals(AttrValueSchema, value, other.attr[key]!),
      );
    if (!isSame) throw dependent(one, all);
    const constant = (name: string) => constantOf(all.get(sourceOf(name))!);
    const input = one.input.map((name, i) => {
      const theirs = other.input[i]!;
      // Weights, which may be large, are the same.
      if (name === theirs) return merge(name, theirs);
      const shape = constant(name);
      const open = openAxes(shape, constant(theirs), batches);
      if (!shape || !open) return merge(name, theirs);
      const begin = one.op === 'Slice' ? constant(one.input[1]!) : undefined;
      if (takesRest(one.op, i, { open, begin })) return add(restShape(name, shape, open));
      for (const part of batchNodes) add(part);
      const parts = batchShape(name, shape.values, { open, batch: batches[0] });
      return parts.map(add).at(-1)!;
    });
    return { ...one, input };
  };
  const [first, second] = outputs;
  merge(first!.input[0]!, second!.input[0]!);
  const output = node(outputName, 'Identity', [renamed(first!.input[0]!)], {
    T: { case: 'type', value: DataType.DT_FLOAT },
  });
  return graphOf([...Array.from(merged.values(), rename), output], [outputName]);
}

const renamed = (name: string) => (name === 'inputs/images' ? 'images' : name);
const rename = (one: NodeDef): NodeDef => ({
  ...one,
  name: renamed(one.name),
  input: one.input.map(renamed),
});

function images({ name, attr }: NodeDef): NodeDef {
  const shape = attr.shape?.value;
  const sizes = shape?.case === 'shape' ? shape.value.dim.map(({ size }) => Number(size)) : [];
  return node(name, 'Placeholder', [], {
    dtype: attr.dtype!.value,
    shape: { case: 'shape', value: shapeProto([-1, ...sizes.slice(1)]) },
  });
}

/** Which sizes of a shape differ by as much as the batches do; undefined where none does, or what differs is no such shape. */
function openAxes(
  one: Constant | undefined,
  other: Constant | undefined,
  [small, large]: readonly [number, number],
): readonly boolean[] | undefined {
  if (!one || one.values.length !== other?.values.length) return undefined;
  const isShape = [one, other].every(
    ({ dtype, shape }) => dtype === DataType.DT_INT32 && shape.length === 1,
  );
  if (!isShape) return undefined;
  const open = Array.from(one.values, (value, i) => value !== other.values[i]);
  const follows = open.every(
    (isOpen, i) => !isOpen || one.values[i]! * large === other.values[i]! * small,
  );
  return follows && open.includes(true) ? open : undefined;
}

/** Where an op takes a shape in which -1 is what the others leave: all of a slice that begins at 0. */
const restInputs: Readonly<Record<string, number>> = { Reshape: 1, Slice: 2 };

function takesRest(
  op: string,
  input: number,
  { open, begin }: { readonly open: readonly boolean[]; readonly begin: Constant | undefined },
): boolean {
  const isOne = open.filter(Boolean).length === 1;
  const beginsAtZero = op !== 'Slice' || begin?.values[open.indexOf(true)] === 0;
  return restInputs[op] === input && isOne && beginsAtZero;
}

const restShape = (name: string, shape: Constant, open: readonly boolean[]) =>
  constantNode(name, {
    ...shape,
    values: Int32Array.from(shape.values, (value, i) => (open[i] ? -1 : value)),
  });

const integers = (name: string, ...values: number[]) =>
  constantNode(name, {
    dtype: DataType.DT_INT32,
    shape: [values.length],
    values: Int32Array.from(values),
  });
const int32 = attributes.type(DataType.DT_INT32);
const batchSize = 'images/batch';

/** The size of the batch while it runs, [1]. */
const batchNodes: readonly NodeDef[] = [
  node('images/shape', 'Shape', ['images'], {
    ...{ T: attributes.type(DataType.DT_FLOAT), out_type: int32 },
  }),
  integers('images/begin', 0),
  integers('images/one', 1),
  node(batchSize, 'StridedSlice', ['images/shape', 'images/begin', 'images/one', 'images/one'], {
    ...{ T: int32, Index: int32 },
    ...Object.fromEntries(
      ['begin', 'end', 'ellipsis', 'new_axis', 'shrink_axis'].map((mask) => [
        `${mask}_mask`,
        attributes.int(0),
      ]),
    ),
  }),
];

/** Nodes of which the last is the shape of the batch that runs, put together of its sizes. */
function batchShape(
  name: string,
  sizes: Constant['values'],
  { open, batch }: { readonly open: readonly boolean[]; readonly batch: number },
): NodeDef[] {
  const parts = Array.from(sizes, (size, i) => {
    const number = integers(`${name}/${i}`, open[i] ? size / batch : size);
    return open[i]
      ? [number, node(`${name}/${i}/of_batch`, 'Mul', [batchSize, number.name], { T: int32 })]
      : [number];
  });
  const axis = constantNode(`${name}/axis`, {
    dtype: DataType.DT_INT32,
    shape: [],
    values: Int32Array.of(0),
  });
  const whole = node(
    `${name}/sizes`,
    'ConcatV2',
    [...parts.map((one) => one.at(-1)!.name), axis.name],
    {
      ...{ N: attributes.int(parts.length), T: int32, Tidx: int32 },
    },
  );
  return parts.length === 1 ? parts[0]! : [...parts.flat(), axis, whole];
}

const dependent = (one: NodeDef, nodes: ReadonlyMap<string, NodeDef>) =>
  new Error(
    `exportModel: expected a network that computes each image by itself, got ${one.op} ${layerOf(one, nodes)}, which is another for another batch. Use the size of the batch in shapes alone`,
  );
