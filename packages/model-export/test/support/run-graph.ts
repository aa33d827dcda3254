import { LoadedGraph, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Graph } from '../../src/graph/nodes.ts';
import { DataType, GraphDefSchema } from '../../src/proto/tensorflow.generated.ts';

/** What TensorFlow computes of a graph. */
export const runGraph =
  ({ nodes }: Graph, api: TensorFlowApi) =>
  async ({
    values,
    shape,
  }: {
    readonly values: Float32Array;
    readonly shape: readonly number[];
  }) => {
    const bytes = toBinary(GraphDefSchema, create(GraphDefSchema, { node: [...nodes.values()] }));
    const loaded = LoadedGraph.fromGraphDef(api, bytes);
    const feed = { dtype: DataType.DT_FLOAT, shape, values };
    const [result] = await loaded.run({ images: feed }, ['probabilities']);
    loaded.dispose();
    return result!.values as Float32Array;
  };
