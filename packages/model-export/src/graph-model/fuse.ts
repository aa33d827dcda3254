import { create } from '@bufbuild/protobuf';
import { type Graph, mapNodes, node, sourceOf, usesOf } from '../graph/nodes.ts';
import { AttrValue_ListValueSchema, type NodeDef } from '../proto/tensorflow.generated.ts';

const fusedOps: Readonly<Record<string, string>> = {
  Conv2D: '_FusedConv2D',
  DepthwiseConv2dNative: 'FusedDepthwiseConv2dNative',
};
const activations = ['Relu', 'Relu6'];

/** Makes convolution, bias and activation one op, as TensorFlow.js has it: each op is a pass over memory, or a program of a GPU. */
export function fuseConvolutions(graph: Graph): Graph {
  const uses = usesOf(graph);
  const { nodes } = graph;
  const alone = (input: string | undefined, ops: readonly string[]): NodeDef | undefined => {
    const one = nodes.get(sourceOf(input ?? ''));
    return one && ops.includes(one.op) && uses.get(one.name) === 1 ? one : undefined;
  };
  const convolutionOf = (bias: NodeDef) => alone(bias.input[0], Object.keys(fusedOps));
  const fuse = (name: string, bias: NodeDef, activation: string[]): NodeDef[] | undefined => {
    const convolution = convolutionOf(bias);
    if (!convolution) return undefined;
    const { input, attr, op } = convolution;
    const fused = node(name, fusedOps[op]!, [...input, bias.input[1]!], {
      num_args: { case: 'i', value: 1n },
      epsilon: { case: 'f', value: 0 },
      fused_ops: {
        case: 'list',
        value: create(AttrValue_ListValueSchema, {
          s: ['BiasAdd', ...activation].map((op) => Buffer.from(op)),
        }),
      },
    });
    return [{ ...fused, attr: { ...attr, ...fused.attr } }];
  };
  return mapNodes(graph, (one) => {
    if (one.op === 'BiasAdd') return fuse(one.name, one, []);
    const bias = activations.includes(one.op) && alone(one.input[0], ['BiasAdd']);
    return bias ? fuse(one.name, bias, [one.op]) : undefined;
  });
}
