import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { expect, onTestFinished, test } from 'vitest';
import { recipeTricks } from '../config/known-tricks.ts';
import { fit } from '../fit.ts';
import { createNetwork } from '../networks.ts';
import { tricks } from '../tricks/index.ts';

/** The weights, statistics and losses of a short run with all that a step changes. */
async function trained(onProgress?: (line: string) => void) {
  const output = mkdtempSync(join(tmpdir(), 'time-step-'));
  onTestFinished(() => rmSync(output, { recursive: true, force: true }));
  await registerTensorFlowBackend();
  const shape = { numClasses: 4, inputChannels: 3, init: 'xavier', seed: 42 } as const;
  const network = createNetwork('resnet20d', shape);
  const losses: number[] = [];
  const { evaluation, best } = await fit({
    ...{ network, output, dataset: 'synthetic', epochs: 3, batchSize: 8 },
    synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 8 },
    tricks: [...recipeTricks(), tricks.ema({ decay: 0.5 }), tricks.amp({ dtype: 'float16' })],
    hooks: [{ onBatchEnd: ({ loss }) => void losses.push(loss) }],
    ...(onProgress && { onProgress }),
  });
  const variables = { ...network.parameters, ...network.buffers };
  const values = Object.values(variables).map((one) => Array.from(one.dataSync()));
  network.dispose();
  return { losses, values, best, loss: evaluation!.loss };
}

test('a step is timed before the first one, and nothing of it stays', async () => {
  const lines: string[] = [];
  const timed = await trained((line) => lines.push(line));
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^A step takes (at most )?[\d.]+ s: 12 steps in (at most )?0:00:\d\d, beside evaluations and waiting for images$/,
    ),
  );
  expect(timed).toEqual(await trained());
});
