import { mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { defineTrick, fromLayersModel } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readLines } from '../test/runs.ts';
import { ownBatches, smallModel } from '../test/small-parts.ts';
import { formatReplay } from './cli/replay-command.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { DivergenceError } from './errors.ts';
import { fit, train } from './fit.ts';
import { replay } from './replay.ts';

const output = mkdtempSync(join(tmpdir(), 'divergence-'));

/** A run that diverges within a few steps. */
const diverging = (experiment: string, changes: TrainConfigInput = {}): TrainConfigInput => ({
  ...{
    model: 'resnet20d',
    dataset: 'synthetic',
    epochs: 40,
    evalInterval: 40,
    batchSize: 24,
    output,
    experiment,
  },
  synthetic: { imageSize: 12, channels: 1, numClasses: 4, trainSamples: 96, evalSamples: 50 },
  learningRate: { base: 100 },
  ...{ linearScaling: false, schedule: { name: 'constant' }, warmup: null, zeroGamma: false },
  ...changes,
});

/** Multiplies gradients in one step of the run, where the loss is finite. */
const multiply = (factor: number, at: number) =>
  defineTrick({
    name: 'overflow',
    description: `multiply gradients at step ${at}`,
    settings: {},
    build: () => {
      const count = tf.tidy(() => tf.variable(tf.scalar(0), false));
      return {
        state: { count },
        dispose: () => count.dispose(),
        gradients:
          (inner) =>
          (...given) => {
            const { gradients, metrics } = inner(...given);
            const step = tf.add(count, 1);
            count.assign(step as tf.Scalar);
            const scale = tf.where(tf.equal(step, at), tf.scalar(factor), tf.scalar(1));
            const last = Object.keys(gradients).at(-1)!;
            return {
              gradients: { ...gradients, [last]: tf.mul(gradients[last]!, scale) },
              metrics,
            };
          },
      };
    },
  });

const overflow = multiply(Number.POSITIVE_INFINITY, 6);

const failure = (run: Promise<unknown>): Promise<Error> =>
  run.then(
    () => Promise.reject(new Error('expected the run to diverge')),
    (error) => error,
  );

beforeAll(async () => {
  await registerTensorFlowBackend();
});

describe('a run that diverges', { tags: ['slow'] }, () => {
  test.each([true, false])(
    'says step, rate and last finite loss, and saves the step, which replay takes again (compile: %s)',
    async (compile) => {
      const name = `loss-${compile}`;
      const error = await failure(train(diverging(name, { compile })));
      expect(error).toBeInstanceOf(DivergenceError);
      const taken = readLines(join(output, name), 'metrics.jsonl');
      const { step, loss } = taken.at(-1);
      expect(error.message).toContain(`step ${step + 1}: expected a finite loss`);
      expect(error.message).toContain('The learning rate was 100');
      expect(error.message).toContain(
        `the last finite loss was ${Number(loss.toPrecision(6))} at step ${step}`,
      );
      const folder = join(output, name, `divergence-step-${step + 1}`);
      expect(error.message).toContain(`npx @bag-of-tricks/trainer replay ${folder}`);

      // Neither the run's place nor its checkpoints are needed.
      const moved = join(output, `moved-${compile}`);
      renameSync(folder, moved);
      const before = tf.memory().numTensors;
      const again = await replay(moved);
      expect(tf.memory().numTensors).toBe(before);
      expect(again.finite).toBe(false);
      expect(String(again.loss)).toBe(again.step.loss);
      expect(again.step.lastFinite).toEqual({ step, loss });
      const [weights, pixels] = again.probe.stages;
      expect(weights).toMatchObject({ name: 'weights', nonFinite: 0 });
      expect(pixels).toMatchObject({ name: 'pixels', nonFinite: 0, size: 24 * 12 * 12 });
      const bad = again.probe.stages.filter(({ nonFinite }) => nonFinite > 0);
      expect(bad.length).toBeGreaterThan(0);
      expect(again.probe.first?.layer).toMatch(/^(conv|bn|layer|fc)/);
      expect(formatReplay(again).join('\n')).toMatch(/not everything is finite, as in the run/);
    },
  );

  test('by gradients alone stops at that step, with weights as before it, and names the layer', async () => {
    const network = fromLayersModel(smallModel(), { name: 'small' });
    const data = ownBatches();
    const settings = { network, data, output, batchSize: 8, epochs: 3, tricks: [overflow()] };
    const error = await failure(fit({ ...settings, experiment: 'gradients' }));
    expect(error.message).toMatch(/step 6: .* got gradients .* at a loss of \d/);
    const folder = join(output, 'gradients', 'divergence-step-6');
    const { finite, loss, probe, step } = await replay(folder, { network, plugins: [overflow] });
    expect(finite).toBe(false);
    expect(String(loss)).toBe(step.loss);
    expect(probe.loss).toBeCloseTo(loss, 5);
    const bad = probe.stages.filter(({ nonFinite }) => nonFinite > 0);
    expect(bad.map(({ name }) => name)).toEqual(['gradients after tricks']);
    expect(bad[0]!.layers).toEqual(['4.bias']);

    const resumed = fit({ ...settings, resume: join(output, 'gradients') });
    expect((await failure(resumed)).message).toContain('step 6');
    expect(readdirSync(join(output, 'gradients')).filter((n) => n.startsWith('div'))).toHaveLength(
      1,
    );
    network.dispose();
  });

  // A finite gradient times the learning rate is no longer finite: the update is what overflows.
  test.each([
    [
      'the next step',
      {},
      2,
      'before',
      /^step 2: expected a finite loss.*The learning rate was 100; the last finite loss was \S+ at step 1\./,
    ],
    [
      'a checkpoint',
      { checkpointInterval: 1 },
      1,
      'after',
      /^step 1: expected finite weights .*The learning rate of step 1 was 100; the last finite loss was \S+ at step 1\./,
    ],
    [
      'an evaluation',
      { stepsPerEpoch: 1 },
      1,
      'after',
      /^evaluate: expected a finite loss.*The learning rate of step 1 was 100; /,
    ],
  ] as const)(
    'in an update is noticed at %s, and replay says which weights',
    async (name, changes, step, weights, message) => {
      const network = fromLayersModel(smallModel(), { name: 'small' });
      const trick = multiply(5e37, 1);
      const experiment = name.replaceAll(' ', '-');
      const error = await failure(
        fit({
          ...{ network, data: ownBatches(), output, experiment, batchSize: 8, epochs: 3 },
          ...{ tricks: [trick()], learningRate: { base: 100 }, ...changes },
        }),
      );
      expect(error).toBeInstanceOf(DivergenceError);
      expect(error.message).toMatch(message);
      const folder = join(output, experiment, `divergence-step-${step}`);
      const again = await replay(folder, { network, plugins: [trick] });
      expect(again.step.weights).toBe(weights);
      expect(again.finite).toBe(false);
      expect(again.probe.stages[0]).toMatchObject({ name: 'weights', layers: ['4.bias'] });
      network.dispose();
    },
  );

  test('whose step cannot be saved still says that it diverged, and why it was not', async () => {
    const network = fromLayersModel(smallModel(), { name: 'small' });
    const mine = ownBatches();
    const indices = Int32Array.from({ length: 8 }, (_, i) => i);
    const data = {
      ...mine,
      trainBatches: ({ firstStep }: { firstStep: number }) =>
        mine.batches.slice(firstStep).map((batch) => ({ ...batch, indices })),
      describe: () => {
        throw new Error('no names today');
      },
    };
    const settings = { network, data, output, batchSize: 8, epochs: 3, tricks: [overflow()] };
    const error = await failure(fit({ ...settings, experiment: 'unsaved' }));
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error.message).toMatch(/step 6: .* could not be saved .*: no names today/);
    network.dispose();
  });
});

test('a trick of others that counts skipped steps in a column does not keep a run from ending', async () => {
  const network = fromLayersModel(smallModel(), { name: 'small' });
  const { definition } = multiply(Number.NaN, 1)();
  const counting = defineTrick({
    ...{ name: 'counting', description: 'count what it skips elsewhere', settings: {} },
    build: async () => ({
      ...(await definition.build!({} as never, {} as never)),
      columns: [{ value: 'skippedSteps', jsonl: 'skippedSteps' }],
    }),
  });
  const settings = { network, data: ownBatches(), output, batchSize: 8, epochs: 1, compile: false };
  const error = await failure(fit({ ...settings, tricks: [counting()], experiment: 'counting' }));
  expect(error.message).toMatch(/^step 1: .* got gradients .*, and start again\. The batch/);
  network.dispose();
});

test('a folder that is no dump is an error that says what is', async () => {
  await expect(replay(output)).rejects.toThrow(/step\.json/);
});
