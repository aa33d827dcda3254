import { join } from 'node:path';
import { transpose } from '@bag-of-tricks/network-layers';
import { classifierJson } from '../classifier-json.ts';
import type { ExportedModel, Writing } from '../export-model.ts';
import { type Probe, probeOf, requireClose } from '../probe.ts';
import { onnxModel } from './onnx-model.ts';

/** Probabilities of float32 differ by no more. */
const limit = 1e-4;

/**
 * An ONNX model, with `classifier.json`, whose content its `metadata_props` repeat: the model alone says what it is. It is compared with
 * the network where `onnxruntime-node` is installed.
 */
export async function exportOnnx(model: ExportedModel): Promise<Writing> {
  const json = classifierJson(model, 'model.onnx');
  const { model: _, ...about } = JSON.parse(json) as Record<string, unknown>;
  const bytes = await onnxModel(model.network, model.description, about);
  const probe = await probeOf(model);
  return {
    files: { 'classifier.json': json, 'model.onnx': bytes },
    async check(folder) {
      const probabilities = await probabilitiesOf(join(folder, 'model.onnx'), probe);
      if (!probabilities) return null;
      const deviation = probe.compare(probabilities);
      requireClose('onnx', deviation, limit);
      return deviation;
    },
  };
}

/** What onnxruntime computes of a written model; null where it is not installed. */
async function probabilitiesOf(
  path: string,
  { images, shape: [count, height, width, channels] }: Probe,
): Promise<Float32Array | null> {
  const runtime = await import('onnxruntime-node').catch(() => null);
  if (!runtime) return null;
  const session = await runtime.InferenceSession.create(path);
  try {
    const data = transpose(images, [count, height, width, channels], [0, 3, 1, 2]);
    const input = new runtime.Tensor('float32', data, [count, channels, height, width]);
    const { probabilities } = await session.run({ images: input });
    return probabilities!.data as Float32Array;
  } finally {
    await session.release();
  }
}
