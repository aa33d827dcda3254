import { equals } from '@bufbuild/protobuf';
import { AttrValueSchema, DataType, type NodeDef } from '../proto/tensorflow.generated.ts';
import { layerOf } from './layer-of.ts';
import {
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
  const opened = new Set<string>();
  const merge = (first: string, second: string): string => {
    const [one, other] = [all.get(sourceOf(first))!, all.get(sourceOf(second))!];
    if (one === other) copy(one);
    else if (!merged.has(one.name)) {
      if (one.op === 'Placeholder' && other.op === 'Placeholder') merged.set(one.name, images(one));
      else merged.set(one.name, mergeNodes(one, other));
    }
    return first;
  };
  const copy = (one: NodeDef): void => {
    if (merged.has(one.name)) return;
    merged.set(one.name, one);
    for (const input of one.input) copy(all.get(sourceOf(input))!);
  };
  const mergeNodes = (one: NodeDef, other: NodeDef): NodeDef => {
    const shape = anySize(one, other, batches);
    if (shape) {
      opened.add(one.name);
      return shape;
    }
    const isSame =
      one.op === other.op &&
      one.input.length === other.input.length &&
      Object.entries(one.attr).every(([key, value]) =>
        equals(AttrValueSchema, value, other.attr[key]!),
      );
    if (!isSame) throw dependent(one, all);
    const input = one.input.map((name, i) => merge(name, other.input[i]!));
    const inputs = input.map((name) => merged.get(sourceOf(name))!);
    requireUnderstood(one, inputs, opened, all);
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

/** A shape that differs in one size only, by as much as the batches do, with that size left open. */
function anySize(
  one: NodeDef,
  other: NodeDef,
  [small, large]: readonly [number, number],
): NodeDef | undefined {
  const [a, b] = [constantOf(one), constantOf(other)];
  if (a?.dtype !== DataType.DT_INT32 || b?.dtype !== DataType.DT_INT32) return undefined;
  const open = Array.from(a.values, (value, i) => value !== b.values[i]);
  const follows = Array.from(a.values).every(
    (value, i) => !open[i] || value * large === b.values[i]! * small,
  );
  if (a.values.length !== b.values.length || !follows) return undefined;
  if (open.filter(Boolean).length !== 1) return undefined;
  return constantNode(one.name, {
    ...a,
    values: Int32Array.from(a.values, (value, i) => (open[i] ? -1 : value)),
  });
}

/** Where an op takes a shape in which one size may be open: -1 is what is left of a reshape, and all of a slice that begins at 0. */
const shapeInputs: Readonly<Record<string, number>> = { Reshape: 1, Slice: 2 };

/** @throws Error for an op to which -1 says something else. */
function requireUnderstood(
  one: NodeDef,
  inputs: readonly NodeDef[],
  opened: ReadonlySet<string>,
  nodes: ReadonlyMap<string, NodeDef>,
): void {
  for (const [i, input] of inputs.entries()) {
    const constant = constantOf(input);
    if (!constant || !opened.has(input.name)) continue;
    const begin = one.op === 'Slice' ? constantOf(inputs[1]!)!.values : [];
    const isUnderstood = constant.values.every((size, axis) => size !== -1 || !begin[axis]);
    if (shapeInputs[one.op] !== i || !isUnderstood) throw dependent(one, nodes);
  }
}

const dependent = (one: NodeDef, nodes: ReadonlyMap<string, NodeDef>) =>
  new Error(
    `exportModel: expected a network that computes each image by itself, got ${one.op} ${layerOf(one, nodes)}, which is another for another batch. Use the size of the batch in reshapes and slices only`,
  );
