import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { classifierJson } from '../classifier-json.ts';
import type { ExportedModel, Writing } from '../export-model.ts';
import { inferenceGraph } from '../graph/inference-graph.ts';
import { type Probe, probeOf, requireClose } from '../probe.ts';
import { fuseConvolutions } from './fuse.ts';
import { graphModelFiles } from './graph-model.ts';
import { convertibleOps, requireConvertible } from './ops.ts';
import type { Quantization } from './weights.ts';

/** Probabilities of float32 differ by no more; fewer bits have no limit, they are the caller's choice. */
const limit = 1e-4;

/** A graph model of TensorFlow.js, with `classifier.json`. */
export async function exportGraphModel(
  model: ExportedModel,
  quantize: Quantization | null,
): Promise<Writing> {
  const graph = fuseConvolutions(await inferenceGraph(model));
  requireConvertible(graph, await convertibleOps());
  const probe = await probeOf(model);
  const files = graphModelFiles(graph, model.description, quantize);
  return {
    files: { 'classifier.json': classifierJson(model, 'model.json'), ...files },
    async check(folder) {
      const deviation = probe.compare(await probabilitiesOf(folder, probe));
      if (quantize === null) requireClose('graph-model', deviation, limit);
      return deviation;
    },
  };
}

/** What TensorFlow.js computes of a written graph model, on the backend that is current. */
async function probabilitiesOf(folder: string, { images, shape }: Probe): Promise<Float32Array> {
  const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  const handler = {
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const paths = manifest.flatMap(({ paths }) => paths);
        const shards = await Promise.all(paths.map((path) => readFile(join(folder, path))));
        const whole = Uint8Array.from(Buffer.concat(shards));
        return [manifest.flatMap(({ weights }) => weights), whole.buffer];
      }),
  };
  const model = await loadGraphModel(handler);
  const input = tf.tensor4d(images, [...shape]);
  try {
    const output = model.predict(input) as tf.Tensor;
    const values = await output.data<'float32'>();
    output.dispose();
    return values;
  } finally {
    input.dispose();
    model.dispose();
  }
}
