import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { resnet } from '@bag-of-tricks/resnet-variants';
import { beforeAll, expect, test } from 'vitest';
import { modelOf, trained } from '../../test/support/networks.ts';
import { runGraph } from '../../test/support/run-graph.ts';
import { loadShapes } from '../graph/fold-constants.ts';
import { inferenceGraph } from '../graph/inference-graph.ts';
import { constantOf } from '../graph/nodes.ts';
import { probeOf } from '../probe.ts';
import { withoutGroups } from './groups.ts';

beforeAll(async () => void (await registerTensorFlowBackend()));

const narrow = { depth: 50, variant: 'd', layers: [1, 1, 1, 1], width: 8 } as const;

test.each([
  ['that one dense convolution computes', { cardinality: 4, baseWidth: 16 }],
  // 128 channels in the last stage.
  ['that two dense convolutions compute', { cardinality: 4, baseWidth: 32 }],
])('groups %s leave the probabilities as they are', async (_, groups) => {
  const network = trained(resnet({ ...narrow, ...groups, numClasses: 4, seed: 7 }));
  const model = modelOf(network);
  const { api } = await registerTensorFlowBackend();
  const graph = withoutGroups(await inferenceGraph(model), api);
  const { probability } = await probeOf(model).compare(runGraph(graph, api));
  expect(probability).toBeLessThan(1e-5);
  const shapes = loadShapes(graph, api);
  for (const { op, input } of graph.nodes.values()) {
    if (op !== 'Conv2D') continue;
    const [, , inputs] = constantOf(graph.nodes.get(input[1]!)!)!.shape;
    expect(shapes.shapeOf(input[0]!)!.at(-1)).toBe(inputs);
  }
  shapes.dispose();
  network.dispose();
});
