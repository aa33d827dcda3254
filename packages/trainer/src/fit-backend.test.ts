// Runs on TensorFlow.js's own backends, which need nothing of TensorFlow's library.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { losses, stopAfter, weights } from '../test/runs.ts';
import { evaluate } from './evaluate.ts';
import { fit, fromLayersModel, loadClassifier, parseConfig, tricks } from './index.ts';
import type { FitOptions } from './run/train-options.ts';

const output = mkdtempSync(join(tmpdir(), 'fit-backend-'));
const synthetic = { imageSize: 8, numClasses: 3, trainSamples: 32, evalSamples: 8 } as const;

const small = (backend: string, experiment: string, more: FitOptions = {}): FitOptions => ({
  ...{ backend, experiment, output, model: 'resnet20d', dataset: 'synthetic', synthetic },
  ...{ epochs: 2, batchSize: 16, evalBatchSize: 8, learningRate: { base: 0.1 } },
  tricks: [tricks.labelSmoothing(), tricks.mixup(), tricks.ema({ decay: 0.9 })],
  ...more,
});

test.each(['cpu', 'wasm'])(
  'a run on %s has the losses of the native backend',
  { tags: ['slow'] },
  async (backend) => {
    const lines: string[] = [];
    const run = await fit(small(backend, backend, { onProgress: (line) => lines.push(line) }));
    const native = await fit(small('tensorflow', `as-${backend}`, { compile: false }));
    const expected = losses(native.runFolder);
    expect(expected).toHaveLength(4);
    for (const [i, loss] of losses(run.runFolder).entries())
      expect(loss).toBeCloseTo(expected[i]!, 3);
    expect(lines.filter((line) => line.includes('op by op'))).toHaveLength(1);
    const environment = JSON.parse(readFileSync(join(run.runFolder, 'env.json'), 'utf8'));
    expect(environment).toMatchObject({ backend, tensorflow: tf.version_core, devices: [backend] });
    // On the backend that it was trained on, and on another.
    const { top1 } = await evaluate(run.runFolder);
    expect(tf.getBackend()).toBe(backend);
    expect(top1).toBeCloseTo(run.best!.top1, 4);
    const again = await evaluate(run.runFolder, { settings: { backend: 'tensorflow' } });
    expect(again.top1).toBeCloseTo(top1, 4);
  },
);

/** A network that drops units, so that numbers are drawn within a step. */
async function withDropout() {
  await tf.setBackend('cpu');
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [8, 8, 3] }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
    ],
  });
  return fromLayersModel(model, { name: 'dropping' });
}

test('interrupted and resumed equals uninterrupted bit for bit, dropout included', async () => {
  const run = async (experiment: string, more: FitOptions = {}) =>
    fit(small('cpu', experiment, { network: await withDropout(), ...more }));
  const whole = await run('whole');
  const cut = await run('cut', stopAfter(3));
  expect(cut.finished).toBe(false);
  const resume = cut.runFolder;
  const resumed = await fit({
    resume,
    network: await withDropout(),
    tricks: small('', '').tricks!,
  });
  expect(resumed.finished).toBe(true);
  expect(losses(resume)).toEqual(losses(whole.runFolder));
  expect(weights(resume)).toEqual(weights(whole.runFolder));
  const refused = fit({ resume, network: await withDropout(), backend: 'wasm' });
  await expect(refused).rejects.toThrow(/backend: "cpu" in the run, got "wasm"/);
});

test('pictures are said something of without the library', async () => {
  const model = { network: await withDropout() };
  const { runFolder } = await fit(small('cpu', 'classifier', { ...model, epochs: 1 }));
  const classifier = await loadClassifier(runFolder, model);
  const bytes = new Uint8Array(
    readFileSync(new URL('../../image-data/fixtures/images/h2v2.jpg', import.meta.url)),
  );
  const [top] = await classifier.classify(bytes, { top: 1 });
  expect(tf.getBackend()).toBe('cpu');
  expect(top!.probability).toBeGreaterThan(1 / 3);
  await classifier.dispose();
});

test('what only the library can do is off or refused', () => {
  const settings = { dataset: 'synthetic', backend: 'wasm' } as const;
  expect(parseConfig(settings).compile).toBe(false);
  expect(() => parseConfig({ ...settings, amp: true })).toThrow(
    'amp: expected the backend tensorflow, which alone computes in 16 bits, got wasm. Leave it out (--no-amp)',
  );
  const cluster = { rank: 0, size: 2 } as never;
  return expect(fit({ ...small('cpu', 'two'), cluster })).rejects.toThrow(
    /backend: expected tensorflow where several processes train.*got cpu\. Start one process/,
  );
});
