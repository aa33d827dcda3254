import { classifierJson } from '../classifier-json.ts';
import type { ExportedModel, Writing } from '../export-model.ts';
import { onnxModel } from './onnx-model.ts';

/** An ONNX model, with `classifier.json`, whose content `metadata_props` repeats: the model alone says what it is. */
export async function exportOnnx(model: ExportedModel): Promise<Writing> {
  const json = classifierJson(model, 'model.onnx');
  const { model: _, ...about } = JSON.parse(json) as Record<string, unknown>;
  const bytes = await onnxModel(model.network, model.description, about);
  return {
    files: { 'classifier.json': json, 'model.onnx': bytes },
    // Nothing here runs ONNX.
    check: async () => null,
  };
}
