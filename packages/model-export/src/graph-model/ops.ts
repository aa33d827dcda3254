import { layerOf } from '../graph/layer-of.ts';
import type { Graph } from '../graph/nodes.ts';

/** The files of tfjs-converter that list the ops which it maps; it exports them by their paths only. */
const categories = [
  ...['arithmetic', 'basic_math', 'control', 'convolution', 'creation', 'dynamic', 'evaluation'],
  ...['graph', 'hash_table', 'image', 'logical', 'matrices', 'normalization', 'reduction'],
  ...['slice_join', 'sparse', 'spectral', 'string', 'transformation'],
];

interface OpList {
  readonly json: readonly { readonly tfOpName: string }[];
}

/** The ops of TensorFlow that TensorFlow.js's converter knows. */
export async function convertibleOps(): Promise<ReadonlySet<string>> {
  const lists = await Promise.all(
    categories.map(
      (name) =>
        import(`@tensorflow/tfjs-converter/dist/operations/op_list/${name}.js`) as Promise<OpList>,
    ),
  );
  return new Set(lists.flatMap(({ json }) => json.map(({ tfOpName }) => tfOpName)));
}

/** @throws Error that names op and layer, for an op that TensorFlow.js cannot load. */
export function requireConvertible({ nodes }: Graph, known: ReadonlySet<string>): void {
  for (const node of nodes.values()) {
    if (known.has(node.op)) continue;
    throw new Error(
      `exportModel: expected ops that TensorFlow.js's graph models have, got ${node.op} ${layerOf(node, nodes)}. Compute it of other ops, or export a saved-model`,
    );
  }
}
