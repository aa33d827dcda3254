import { LoadedGraph } from '@bag-of-tricks/libtensorflow/native';
import { create, toBinary } from '@bufbuild/protobuf';
import type { ExportedModel, Writing, WritingOptions } from '../export-model.ts';
import { versions } from '../graph/fold-constants.ts';
import { inferenceGraph, openApi } from '../graph/inference-graph.ts';
import { signatureOf } from '../graph/signature.ts';
import { probeOf, requireClose } from '../probe.ts';
import { DataType, SavedModelSchema } from '../proto/tensorflow.generated.ts';
import { withJpegInput } from './jpeg-input.ts';

/** Probabilities of the same library on the same machine differ by no more. */
const limit = 1e-5;

/**
 * TensorFlow's SavedModel, frozen: `serving_default` takes `images`, `serving_jpeg` the bytes of one JPEG file, which is decoded, resized and
 * cropped in the graph.
 */
export async function exportSavedModel(
  model: ExportedModel,
  { images }: WritingOptions,
): Promise<Writing> {
  const { graph, signature } = withJpegInput(await inferenceGraph(model), model.description);
  const probe = probeOf(model, images);
  const savedModel = create(SavedModelSchema, {
    savedModelSchemaVersion: 1n,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'], strippedDefaultAttrs: true },
        graphDef: { node: [...graph.nodes.values()], versions },
        signatureDef: { serving_default: signatureOf(model.description), serving_jpeg: signature },
      },
    ],
  });
  return {
    model: 'saved_model.pb',
    files: { 'saved_model.pb': toBinary(SavedModelSchema, savedModel) },
    async check(folder) {
      const loaded = LoadedGraph.fromSavedModel(await openApi(), folder);
      try {
        const deviation = await probe.compare(async ({ values, shape }) => {
          const feed = { dtype: DataType.DT_FLOAT, shape, values };
          const [probabilities] = await loaded.run({ images: feed }, ['probabilities']);
          return probabilities!.values as Float32Array;
        });
        requireClose('saved-model', deviation, limit);
        return deviation;
      } finally {
        loaded.dispose();
      }
    },
  };
}
