import { LoadedGraph, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import { create, toBinary } from '@bufbuild/protobuf';
import { GraphDefSchema, type NodeDef } from '../proto/tensorflow.generated.ts';
import {
  type Constant,
  constantNode,
  constantOf,
  type Graph,
  graphOf,
  mapNodes,
  node,
  shapeProto,
  sourceOf,
} from './nodes.ts';

/** Computes now, by TensorFlow, what depends on no input, such as the kernel of a grouped convolution. */
export async function foldConstants(graph: Graph, api: TensorFlowApi): Promise<Graph> {
  const { nodes } = graph;
  const fixed = new Set<string>();
  for (const { name, op, input } of nodes.values()) {
    if (op !== 'Placeholder' && input.every((one) => fixed.has(sourceOf(one)))) fixed.add(name);
  }
  const wanted = new Set(
    Array.from(nodes.values())
      .filter(({ name }) => !fixed.has(name))
      .flatMap(({ input }) => input.map(sourceOf))
      .filter((name) => fixed.has(name) && nodes.get(name)!.op !== 'Const'),
  );
  if (wanted.size === 0) return graph;
  const names = [...wanted];
  const loaded = load(graphOf(nodes.values(), names).nodes.values(), api);
  try {
    const values = await loaded.run({}, names);
    const newNames = new Map(names.map((name) => [name, folded(nodes.get(name)!, nodes)]));
    return mapNodes(graph, (one) => {
      const index = names.indexOf(one.name);
      if (index >= 0) return [constantNode(newNames.get(one.name)!, values[index] as Constant)];
      return [{ ...one, input: one.input.map((input) => newNames.get(input) ?? input) }];
    });
  } finally {
    loaded.dispose();
  }
}

/** Leaves out the reshapes to the shape that a value has already, which TensorFlow.js puts behind each batch norm. */
export function dropReshapes(graph: Graph, api: TensorFlowApi): Graph {
  const { nodes } = graph;
  const loaded = loadShapes(graph, api);
  try {
    const same = new Map<string, string>();
    for (const { name, op, input } of nodes.values()) {
      if (op !== 'Reshape') continue;
      const shape = constantOf(nodes.get(input[1]!)!)?.values.join();
      if (loaded.shapeOf(input[0]!)?.join() !== shape) continue;
      same.set(name, same.get(input[0]!) ?? input[0]!);
    }
    return mapNodes(graph, (one) => [
      { ...one, input: one.input.map((input) => same.get(input) ?? input) },
    ]);
  } finally {
    loaded.dispose();
  }
}

/** The graph in TensorFlow, which knows the shapes of its values; nothing can be computed with it. */
export function loadShapes({ nodes }: Graph, api: TensorFlowApi): LoadedGraph {
  // Of a weight the shape is enough.
  const light = Array.from(nodes.values(), (one) => {
    const constant = constantOf(one);
    return constant && constant.values.length > maxRank ? placeholder(one.name, constant) : one;
  });
  return load(light, api);
}

/** Shapes are constants too. */
const maxRank = 8;

const placeholder = (name: string, { dtype, shape }: Constant) =>
  node(name, 'Placeholder', [], {
    dtype: { case: 'type', value: dtype },
    shape: { case: 'shape', value: shapeProto(shape) },
  });

const load = (nodes: Iterable<NodeDef>, api: TensorFlowApi): LoadedGraph =>
  LoadedGraph.fromGraphDef(
    api,
    toBinary(GraphDefSchema, create(GraphDefSchema, { node: [...nodes], versions })),
  );

/** A name with that of the weights in it, which messages need. */
function folded({ name }: NodeDef, nodes: Graph['nodes']): string {
  let weights = nodes.get(name);
  while (weights && !weights.name.startsWith('weights/')) {
    weights = nodes.get(sourceOf(weights.input[0] ?? ''));
  }
  return weights ? `${weights.name}/${name}` : name;
}

/** The rules of GraphDefs since TensorFlow 2.16, which older ones read too. */
export const versions = { producer: 1882, minConsumer: 12 };
