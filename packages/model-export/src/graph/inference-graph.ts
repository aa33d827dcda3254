import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { openTensorFlow, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import type { ExportedModel } from '../export-model.ts';
import { dropReshapes, foldConstants } from './fold-constants.ts';
import { foldBatchNorms, foldInputScale } from './fold-scales.ts';
import type { Graph } from './nodes.ts';
import { traceNetwork } from './trace-network.ts';

/** TensorFlow's C API, of the library that the backend runs on. */
export async function openApi(): Promise<TensorFlowApi> {
  const { libraryPath } = await registerTensorFlowBackend();
  return openTensorFlow({ corePath: libraryPath, frameworkPath: libraryPath, preload: [] }).api;
}

/** The network as a graph of constants, as small as it can be without another result. */
export async function inferenceGraph({ network, description }: ExportedModel): Promise<Graph> {
  const api = await openApi();
  const traced = await foldConstants(await traceNetwork(network, description), api);
  return foldInputScale(foldBatchNorms(dropReshapes(traced, api)));
}
