import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { LoadedGraph } from '@bag-of-tricks/libtensorflow/native';
import { create, toBinary } from '@bufbuild/protobuf';
import type { ExportedModel, Writing, WritingOptions } from '../export-model.ts';
import { versions } from '../graph/fold-constants.ts';
import { inferenceGraph } from '../graph/inference-graph.ts';
import { signatureOf } from '../graph/signature.ts';
import { probeOf, requireClose } from '../probe.ts';
import { DataType, SavedModelSchema } from '../proto/tensorflow.generated.ts';
import { withJpegInput } from './jpeg-input.ts';
import { withVariables } from './variables.ts';

/** Probabilities of the same library on the same machine differ by no more. */
const limit = 1e-5;

/**
 * TensorFlow's SavedModel, frozen or with variables: `serving_default` takes `images`, `serving_jpeg` the bytes of JPEG files, which are decoded, resized and
 * cropped in the graph.
 */
export async function exportSavedModel(
  model: ExportedModel,
  { images, variables, onProgress }: WritingOptions,
): Promise<Writing> {
  const { graph, signature, library } = withJpegInput(
    await inferenceGraph(model, onProgress),
    model.description,
  );
  const probe = probeOf(model, { images, onProgress });
  onProgress?.('storing the weights');
  const { nodes, files, about } = variables
    ? await withVariables(graph, (await registerTensorFlowBackend()).api)
    : { nodes: [...graph.nodes.values()], files: {}, about: {} };
  const savedModel = create(SavedModelSchema, {
    savedModelSchemaVersion: 1n,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'], strippedDefaultAttrs: true },
        graphDef: { node: nodes, library, versions },
        ...about,
        signatureDef: { serving_default: signatureOf(model.description), serving_jpeg: signature },
      },
    ],
  });
  const { exifOrientation } = model.description;
  return {
    notes: exifOrientation
      ? ['serving_jpeg turns no picture by EXIF: give it upright ones, as this network sees them']
      : [],
    model: 'saved_model.pb',
    files: {
      'saved_model.pb': toBinary(SavedModelSchema, savedModel),
      ...files,
    },
    async check(folder) {
      const loaded = LoadedGraph.fromSavedModel((await registerTensorFlowBackend()).api, folder);
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
