import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { ExportedModel, Writing, WritingOptions } from '../export-model.ts';
import { inferenceGraph } from '../graph/inference-graph.ts';
import { type Deviation, type Probe, probeOf, requireClose } from '../probe.ts';
import { fuseConvolutions } from './fuse.ts';
import { graphModelFiles } from './graph-model.ts';
import { withoutGroups } from './groups.ts';
import { convertibleOps, requireConvertible } from './ops.ts';

/** Probabilities of float32 differ by no more; fewer bits have no limit, they are the caller's choice. */
const limit = 1e-4;

/** A graph model of TensorFlow.js. */
export async function exportGraphModel(
  model: ExportedModel,
  { quantize, images, onProgress }: WritingOptions,
): Promise<Writing> {
  const grouped = await inferenceGraph(model, onProgress);
  onProgress?.('fusing ops and storing the weights');
  const graph = fuseConvolutions(withoutGroups(grouped, (await registerTensorFlowBackend()).api));
  requireConvertible(graph, await convertibleOps());
  const probe = probeOf(model, { images, onProgress });
  return {
    model: 'model.json',
    files: graphModelFiles(graph, model.description, quantize),
    async check(folder) {
      const deviation = await compareWritten(folder, probe);
      if (quantize === null) requireClose('graph-model', deviation, limit);
      return deviation;
    },
  };
}

/** Compares what TensorFlow.js computes of a written graph model, on the backend that is current. */
async function compareWritten(folder: string, probe: Probe): Promise<Deviation> {
  const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  const model = await loadGraphModel({
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const paths = manifest.flatMap(({ paths }) => paths);
        const shards = await Promise.all(paths.map((path) => readFile(join(folder, path))));
        const whole = Uint8Array.from(Buffer.concat(shards));
        return [manifest.flatMap(({ weights }) => weights), whole.buffer];
      }),
  });
  try {
    return await probe.compare(async ({ values, shape }) =>
      tf.tidy(() => {
        const probabilities = model.predict(tf.tensor4d(values, shape)) as tf.Tensor;
        return probabilities.dataSync<'float32'>();
      }),
    );
  } finally {
    model.dispose();
  }
}
