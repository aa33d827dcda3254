import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { ExportedModel } from '../export-model.ts';
import { dropReshapes, foldConstants } from './fold-constants.ts';
import { foldBatchNorms, foldInputScale } from './fold-scales.ts';
import type { Graph } from './nodes.ts';
import { traceNetwork } from './trace-network.ts';

/** The network as a graph of constants, as small as it can be without another result. */
export async function inferenceGraph(
  { network, description }: ExportedModel,
  onProgress: (message: string) => void = () => {},
): Promise<Graph> {
  const { api } = await registerTensorFlowBackend();
  onProgress('tracing the network');
  const whole = await traceNetwork(network, description);
  onProgress('folding constants and batch norms');
  const traced = await foldConstants(whole, api);
  return foldInputScale(foldBatchNorms(dropReshapes(traced, api)));
}
