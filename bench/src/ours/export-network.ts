import { join } from 'node:path';
import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { exportModel, type InferenceDescription } from '@bag-of-tricks/model-export';
import { type NetworkSize, openNetwork } from './networks.ts';

/** What `export-network` is asked for. */
export interface ExportSpec {
  readonly size: NetworkSize;
  readonly folder: string;
}

/** Writes a network with drawn weights to `graph-model` and `onnx` in the folder. */
export async function exportNetwork({ size, folder }: ExportSpec): Promise<null> {
  await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => process.stderr.write(`${formatProgress(progress)}\n`),
  });
  const network = openNetwork(size);
  const description: InferenceDescription = {
    ...{ model: size.network, imageSize: size.imageSize, channels: 3 },
    classNames: Array.from({ length: size.numClasses }, (_, i) => `class ${i}`),
    evalResize: Math.round(size.imageSize / 0.875),
    ...{ interpolation: 'bicubic', antialias: true, exifOrientation: true },
    ...{ mean: [127, 127, 127], std: [128, 128, 128] },
  };
  const model = { network, description, provenance: { source: 'drawn weights' } };
  for (const format of ['graph-model', 'onnx'] as const) {
    await exportModel(model, { output: join(folder, format), format });
  }
  network.dispose();
  return null;
}
