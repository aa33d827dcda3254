import type { TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import { denseBundles } from '@bag-of-tricks/network-layers';
import { loadShapes } from '../graph/fold-constants.ts';
import {
  type Constant,
  constantNode,
  constantOf,
  type Graph,
  mapNodes,
  node,
} from '../graph/nodes.ts';
import { DataType, type NodeDef } from '../proto/tensorflow.generated.ts';

/** TensorFlow.js has no grouped convolution: dense ones, with zeros between the channels of different groups, take its place. */
export function withoutGroups(graph: Graph, api: TensorFlowApi): Graph {
  const shapes = loadShapes(graph, api);
  try {
    return mapNodes(graph, (one) => {
      const kernel = one.op === 'Conv2D' && constantOf(graph.nodes.get(one.input[1]!)!);
      if (!kernel) return undefined;
      const groups = shapes.shapeOf(one.input[0]!)!.at(-1)! / kernel.shape[2]!;
      return groups === 1 ? undefined : denseConvolutions(one, kernel, groups);
    });
  } finally {
    shapes.dispose();
  }
}

function denseConvolutions(one: NodeDef, kernel: Constant, groups: number): NodeDef[] {
  const { name, attr } = one;
  const [x, kernelName] = one.input as [string, string];
  const bundles = denseBundles(kernel.shape[2]! * groups, groups);
  const dense = Array.from({ length: bundles }, (_, bundle) =>
    constantNode(`${kernelName}/dense_${bundle}`, denseKernel(kernel, groups, { bundle, bundles })),
  );
  if (bundles === 1) return [dense[0]!, { ...one, input: [x, dense[0]!.name] }];
  const [axis, split] = [`${name}/axis`, `${name}/split`];
  const type = { case: 'type', value: DataType.DT_FLOAT } as const;
  const count = { case: 'i', value: BigInt(bundles) } as const;
  const parts = dense.map((weights, i) => ({
    ...node(`${name}/part_${i}`, 'Conv2D', [i === 0 ? split : `${split}:${i}`, weights.name], {}),
    attr,
  }));
  const index = { dtype: DataType.DT_INT32, shape: [], values: Int32Array.of(3) };
  return [
    constantNode(axis, index),
    node(split, 'Split', [axis, x], { T: type, num_split: count }),
    ...dense,
    ...parts,
    node(name, 'ConcatV2', [...parts.map((part) => part.name), axis], {
      ...{ T: type, N: count, Tidx: { case: 'type', value: DataType.DT_INT32 } },
    }),
  ];
}

/** The kernel of the groups of one bundle: [height, width, inputs, outputs] of the whole to those of its part, 0 between groups. */
function denseKernel(
  { shape, values, dtype }: Constant,
  groups: number,
  { bundle, bundles }: { readonly bundle: number; readonly bundles: number },
): Constant {
  const [height, width, inputs, allOutputs] = shape as [number, number, number, number];
  const [groupOutputs, outputs] = [allOutputs / groups, allOutputs / bundles];
  const allInputs = (inputs * groups) / bundles;
  const dense = new Float32Array(height * width * allInputs * outputs);
  for (let at = 0; at < height * width * inputs; at++) {
    const [place, input] = [Math.floor(at / inputs), at % inputs];
    for (let output = 0; output < outputs; output++) {
      const row = place * allInputs + Math.floor(output / groupOutputs) * inputs + input;
      dense[row * outputs + output] = values[at * allOutputs + bundle * outputs + output]!;
    }
  }
  return { dtype, shape: [height, width, allInputs, outputs], values: dense };
}
