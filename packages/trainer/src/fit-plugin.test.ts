// A trick of another package has the rights of ours: settings, draws, state, columns, compile, resume.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { consoleLog } from '@bag-of-tricks/run-folder';
import {
  buildTricks,
  defineTrick,
  drawStep,
  fromLayersModel,
  type Trick,
} from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { losses, readLines, stopAfter, trickState, weights } from '../test/runs.ts';
import { smallDataset, smallModel } from '../test/small-parts.ts';
import { recipeTricks, withPlugins } from './config/known-tricks.ts';
import { evaluate } from './evaluate.ts';
import { fit, resumeTraining } from './fit.ts';
import type { FitOptions } from './run/train-options.ts';

const plugin = new URL('../test/gradient-noise.mjs', import.meta.url).href;
const { gradientNoise } = (await import(plugin)) as {
  readonly gradientNoise: Trick<'gradientNoise'>;
};

const output = mkdtempSync(join(tmpdir(), 'plugin-'));
const small = {
  ...{ epochs: 2, batchSize: 8, evalBatchSize: 20, output },
  learningRate: { base: 0.5 },
} as const satisfies FitOptions;

const tricks = (deviation: number) => [
  ...recipeTricks().filter(isShort),
  gradientNoise({ deviation } as never),
];
const isShort = ({ definition }: { definition: { name: string } }) => definition.name !== 'warmup';

async function run(experiment: string, options: FitOptions): Promise<string> {
  const model = smallModel();
  const data = await smallDataset();
  const { runFolder } = await fit({
    ...small,
    network: fromLayersModel(model),
    data,
    experiment,
    ...options,
  });
  model.dispose();
  await data.close();
  return runFolder;
}

beforeAll(async () => {
  await registerTensorFlowBackend();
});

describe("a third party's trick", { tags: ['slow'] }, () => {
  test.each([true, false])(
    'draws, keeps state and logs, and resumes bit for bit (compile: %s)',
    async (compile) => {
      const lines: string[] = [];
      const hooks = [consoleLog((line) => lines.push(line), { logInterval: 1 })];
      const noisy = { tricks: tricks(0.1), compile };
      const whole = await run(`whole-${compile}`, { ...noisy, hooks });
      const cut = await run(`cut-${compile}`, { ...noisy, ...stopAfter(3) });
      expect(trickState(cut)).toMatchObject({ 'gradientNoise/steps': 3 });
      await expect(run('', { resume: cut, tricks: tricks(0) })).rejects.toThrow(
        /gradientNoise: \{"deviation":0\.1\} in the run, got \{"deviation":0\}\. Leave them out/,
      );
      await run('', { resume: cut, tricks: tricks(0.1) });
      expect(losses(cut)).toEqual(losses(whole));
      expect(weights(cut)).toEqual(weights(whole));
      expect(trickState(cut)).toEqual(trickState(whole));

      // Its column holds the formula, with the number that was drawn for the step.
      const parts = await buildTricks([gradientNoise()], {} as never);
      const logged = readLines(whole, 'metrics.jsonl').map(({ noise }) => noise);
      expect(logged).toHaveLength(8);
      logged.forEach((noise, k) => {
        const place = { epochs: 2, imageShape: [8, 8, 1], seed: 42 } as const;
        const at = { ...place, epoch: Math.floor(k / 4), step: k % 4 };
        const { noiseShare } = drawStep(parts, at) as { readonly noiseShare: number };
        expect(noise).toBeCloseTo((0.1 * noiseShare) / (1 + k) ** 0.55, 6);
      });
      for (const { dispose } of parts) dispose!();
      const [header, , last] = readFileSync(join(whole, 'summary.csv'), 'utf8').split('\n');
      expect(header!.split(',').at(-1)).toBe('gradient_noise');
      expect(Number(last!.split(',').at(-1))).toBe(logged.at(-1));
      expect(lines.filter((line) => / Noise: 0\.\d+ /.test(line))).toHaveLength(8);
    },
  );

  test('changes the training, and draws the same compiled and op by op', async () => {
    const noisy = { tricks: tricks(1) };
    const compiled = losses(await run('compiled', noisy));
    const eager = losses(await run('eager', { ...noisy, compile: false }));
    const none = losses(await run('none', { tricks: tricks(0) }));
    eager.forEach((loss, i) => {
      expect(Math.abs(loss - compiled[i]!)).toBeLessThan(1e-3);
    });
    expect(Math.abs(none.at(-1)! - compiled.at(-1)!)).toBeGreaterThan(0.005);
  });

  test('leaves no tensor behind', async () => {
    await run('leak-warmup', { tricks: tricks(0.1) });
    const before = tf.memory().numTensors;
    await run('leak', { tricks: tricks(0.1) });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('keeps its place among others when the run goes on, whatever the order that they are passed in', async () => {
    const built: string[] = [];
    const noting = (name: string) =>
      defineTrick({
        ...{ name, description: name, settings: {} },
        build: () => {
          built.push(name);
          return {};
        },
      })();
    const [b, a] = [noting('b'), noting('a')];
    const eager = { compile: false, epochs: 1 };
    const cut = await run('order', { ...eager, tricks: [b, a], ...stopAfter(2) });
    await run('', { resume: cut, tricks: [a, b] });
    expect(built).toEqual(['b', 'a', 'b', 'a']);
  });

  test('is needed to go on with its run, and to evaluate it: the error says how it is loaded', async () => {
    const cut = await run('needing', { tricks: tricks(0.1), ...stopAfter(2) });
    const missing = /the trick gradientNoise of another package.*--plugin, or pass it in `plugins`/;
    await expect(resumeTraining(cut)).rejects.toThrow(missing);
    await expect(evaluate(cut, { link: 'last' })).rejects.toThrow(missing);
    await expect(run('', { resume: cut })).rejects.toThrow(missing);
  });
});

test('its settings are checked as ours are', () => {
  expect(() => gradientNoise({ deviation: -1 } as never)).toThrow(/gradientNoise: .*deviation/s);
  expect(() => gradientNoise({ deviatoin: 1 } as never)).toThrow(
    "'deviatoin': did you mean 'deviation'?",
  );
});

test('its name is its own', () => {
  expect(() => withPlugins([gradientNoise, gradientNoise])).toThrow(/got 'gradientNoise' twice/);
  const imposter = { definition: { ...gradientNoise.definition, name: 'mixup' } };
  expect(() => withPlugins([imposter])).toThrow(/got 'mixup' twice/);
});
