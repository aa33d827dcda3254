import { join } from 'node:path';
import { transpose } from '@bag-of-tricks/network-layers';
import { aboutModel } from '../classifier-json.ts';
import type { ExportedModel, Writing, WritingOptions } from '../export-model.ts';
import { type Deviation, type Probe, probeOf, requireClose } from '../probe.ts';
import { onnxModel } from './onnx-model.ts';

/** Probabilities of float32 differ by no more. */
const limit = 1e-4;

/**
 * An ONNX model, whose `metadata_props` have what `classifier.json` says: the model alone says what it is. It is compared with the network
 * where `onnxruntime-node` is installed.
 */
export async function exportOnnx(
  model: ExportedModel,
  { images, onProgress }: Pick<WritingOptions, 'images' | 'onProgress'>,
): Promise<Writing> {
  const bytes = await onnxModel(model.network, model.description, aboutModel(model), onProgress);
  const probe = probeOf(model, { images, onProgress });
  return {
    model: 'model.onnx',
    files: { 'model.onnx': bytes },
    async check(folder) {
      const deviation = await compareWritten(join(folder, 'model.onnx'), probe);
      if (deviation) requireClose('onnx', deviation, limit);
      return deviation;
    },
  };
}

/** Compares what onnxruntime computes of a written model; null where it is not installed. */
async function compareWritten(path: string, probe: Probe): Promise<Deviation | null> {
  const runtime = await import('onnxruntime-node').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  });
  if (!runtime) return null;
  const session = await runtime.InferenceSession.create(path);
  try {
    return await probe.compare(async ({ values, shape }) => {
      const [count, height, width, channels] = shape;
      const pixels = transpose(values, shape, [0, 3, 1, 2]);
      const input = new runtime.Tensor('float32', pixels, [count, channels, height, width]);
      const { probabilities } = await session.run({ images: input });
      return probabilities!.data as Float32Array;
    });
  } finally {
    await session.release();
  }
}
