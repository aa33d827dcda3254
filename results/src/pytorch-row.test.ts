import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { startPytorchRun } from './pytorch-row.ts';

/** As much of a run's `args.yaml` as the comparison reads. */
const recipe = {
  model: 'resnet20d',
  seed: 7,
  epochs: 8,
  batchSize: 1024,
  init: 'xavier',
  input: { mean: [1, 2, 3], std: [4, 5, 6] },
  augment: { crop: 'pad', cropPadding: 4, flip: true },
  learningRate: { base: 0.1 },
  linearScaling: { baseBatchSize: 128 },
  schedule: { name: 'cosine', end: 0 },
  warmup: { epochs: 1, form: 'paper' },
  optimizer: { momentum: 0.9, weightDecay: 1e-4 },
  noBiasDecay: true,
  zeroGamma: true,
  labelSmoothing: { epsilon: 0.1, form: 'uniform' },
  mixup: { alpha: 0.2, lastEpochsOff: 0 },
  amp: { dtype: 'bfloat16' },
};

/** The same as runs recorded it before these tricks had keys of their own. */
const { linearScaling, noBiasDecay, ...others } = recipe;
const before = {
  ...others,
  learningRate: { base: 0.1, baseBatchSize: 128, linearScaling: true },
  optimizer: { ...recipe.optimizer, noBiasDecay },
};

let runsFolder: string;
beforeEach(() => {
  runsFolder = mkdtempSync(join(tmpdir(), 'pytorch-row-'));
  vi.stubEnv('BENCH_PYTHON', '/opt/python');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(runsFolder, { recursive: true });
});

function compared(config: object): string {
  const folder = join(runsFolder, 'mixup-seed7');
  mkdirSync(folder);
  writeFileSync(join(folder, 'args.yaml'), `# bag-of-tricks train\n${stringify(config)}`);
  return folder;
}

test.each([
  ['recipe', recipe],
  ['recipe of an older run', before],
])(
  "PyTorch is told the compared run's %s, and its folder holds it word for word",
  async (_, given) => {
    const folder = compared(given);
    const { file, args, env } = await startPytorchRun(folder, 7, { dataDir: 'cifar', runsFolder });
    expect([file, env?.PYTHONPATH]).toEqual([
      '/opt/python',
      expect.stringMatching(/bench.python$/),
    ]);
    expect(JSON.parse(args[1]!)).toMatchObject({
      ...{ dataDir: 'cifar', seed: 7, network: 'resnet20d', epochs: 8, batchSize: 1024 },
      ...{ learningRate: 0.8, warmupEpochs: 1, momentum: 0.9, weightDecay: 1e-4 },
      ...{ epsilon: 0.1, mixupAlpha: 0.2, mean: [1, 2, 3], std: [4, 5, 6], bfloat16: true },
    });
    const written = readFileSync(join(runsFolder, 'pytorch-seed7', 'args.yaml'), 'utf8');
    expect(written).toBe(`# python/train_recipe.py, recipe of mixup-seed7\n${stringify(given)}`);
  },
);

test('another recipe than the one that the program trains, or none, is refused', async () => {
  const options = { dataDir: 'cifar', runsFolder };
  await expect(startPytorchRun('nowhere', 7, options)).rejects.toThrow('expected the run nowhere');
  const folder = compared({ ...recipe, zeroGamma: false });
  await expect(startPytorchRun(folder, 7, options)).rejects.toThrow(/zero gamma.*got another one/);
  for (const changes of [
    { noBiasDecay: null },
    { optimizer: { ...recipe.optimizer, noBiasDecay: false } },
  ]) {
    rmSync(folder, { recursive: true });
    const decaying = startPytorchRun(compared({ ...recipe, ...changes }), 7, options);
    await expect(decaying).rejects.toThrow(/no bias decay.*got another one/);
  }
});
