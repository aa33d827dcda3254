import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InputCommandReport } from './commands/input.ts';
import type { ScaleReport } from './commands/scale.ts';
import type { TrainStepReport } from './commands/train-step.ts';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ending {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 24 };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** A program in the place of Python that behaves as `train_step.py` does, with losses of its own. */
async function impostor(losses: readonly number[]): Promise<string> {
  const result = {
    losses,
    runningVarianceSum: 1,
    warmupMs: [1],
    stepMs: [1],
    ops: null,
    computesIn: 'float32',
    matrixOps: null,
    versions: {},
  };
  const file = join(folder, 'python');
  await writeFile(file, `#!/bin/sh\necho '${JSON.stringify(result)}'\n`);
  await chmod(file, 0o755);
  return file;
}

const quick = ['train-step', '--networks', 'resnet20d', '--rounds', '1', '--steps', '1'];

test('graph and eager train alike, and standard output is one JSON object', {
  tags: ['slow'],
}, async () => {
  const { code, stdout, stderr } = await bench([
    ...quick,
    '--contestants',
    'graph,eager',
    '--json',
  ]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('round 1/1: eager')]);
  const report = JSON.parse(stdout) as TrainStepReport;
  expect(report).toMatchObject({
    command: 'train-step',
    machine: { cpu: expect.any(String), cores: expect.any(Number), flags: expect.any(Object) },
    versions: { node: expect.any(String), tensorflow: expect.any(String) },
    options: { rounds: 1, steps: 1, warmupSteps: 3, threads: null },
    ratios: {},
  });
  const [network] = report.networks;
  expect(network!.check.largestDifference.float32).toBeLessThan(1e-4);
  expect(network!.contestants.map(({ name }) => name)).toEqual(['graph', 'eager']);
  expect(network!.rounds.graph![0]!.stepMs).toHaveLength(1);
  expect(network!.rate.convolution).toBeGreaterThan(0);
});

test('who computes something else is not compared', { tags: ['slow'] }, async () => {
  const BENCH_PYTHON = await impostor([2.3, 2.2, 2.1]);
  const contestants = ['--contestants', 'pytorch,graph', '--json'];
  const { code, stdout, stderr } = await bench([...quick, ...contestants], { BENCH_PYTHON });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('graph does not compute what pytorch computes');
});

test('mixed precision is seen to be one, and measured against float32 and TensorFlow’s rewrite of it', {
  tags: ['slow'],
}, async () => {
  const contestants = ['--contestants', 'graph,graph-bfloat16,graph-tf-rewrite'];
  // Whether this machine has the type, a probe finds out, and the report says.
  const { stdout } = await bench([...quick, ...contestants, '--amp', 'bfloat16', '--json']);
  const { amp, networks, ratios } = JSON.parse(stdout) as TrainStepReport;
  const isFast = amp!.native === 'fast';
  expect(amp).toMatchObject({ dtype: 'bfloat16', native: isFast ? 'fast' : 'emulated' });
  const [{ rounds, check }] = networks as [TrainStepReport['networks'][0]];
  const computed = isFast ? 'bfloat16' : 'float32';
  expect(rounds['graph-bfloat16']![0]!.matrixOps).toEqual({
    [`Conv2D ${computed}`]: 21,
    [`Conv2DBackpropInput ${computed}`]: 20,
    [`Conv2DBackpropFilter ${computed}`]: 19,
    [`MatMul ${computed}`]: 2,
    [`BatchMatMulV2 ${computed}`]: 3,
  });
  expect(rounds['graph-bfloat16']![0]!.computesIn).toBe('bfloat16');
  expect(rounds['graph-tf-rewrite']?.[0]?.computesIn).toBe(isFast ? 'bfloat16' : undefined);
  expect(rounds.graph![0]!.computesIn).toBe('float32');
  // It rounds: equal losses would be those of float32.
  expect(check.largestDifference.bfloat16).toBeGreaterThan(1e-5);
  const overRewrite = expect.objectContaining({ over: 'graph-tf-rewrite', target: 1 });
  expect(ratios).toEqual({
    bfloat16: {
      resnet20d: {
        overOwnFloat32: expect.objectContaining({ over: 'graph', target: null, reached: null }),
        overTensorFlowRewrite: isFast ? overRewrite : null,
        overBestPyTorchAutocast: null,
      },
    },
  });
});

test('images are loaded in both ways, which agree', { tags: ['slow'] }, async () => {
  const { stdout, stderr } = await bench([
    ...['input', '--contestants', 'ours,ours-fast', '--antialias', 'on', '--json'],
    ...['--rounds', '1', '--epochs', '2', '--images', '64'],
  ]);
  expect(stderr).toContain('eval, with antialias, round 1/1: ours-fast');
  const report = JSON.parse(stdout) as InputCommandReport;
  expect(report).toMatchObject({
    command: 'input',
    data: { folder: null, images: 200 },
    options: { rounds: 1, batchSize: 64, imageSize: 224, imagesPerEpoch: 64, epochs: 2 },
    ratios: {},
  });
  expect(report.inputs.map(({ transform }) => transform)).toEqual(['train', 'eval']);
  for (const { contestants, rounds } of report.inputs) {
    expect(contestants.map(({ name }) => name)).toEqual(['ours', 'ours-fast']);
    expect(contestants[0]!.cpuMsPerImage.median).toBeGreaterThan(0.1);
    expect(rounds.ours).toMatchObject([
      { images: 128, epochSeconds: [expect.any(Number), expect.any(Number)] },
    ]);
  }
});

test('two processes train together, each with its half, and what they measured is in a file before the end', {
  tags: ['slow'],
}, async () => {
  const rows = join(folder, 'rows.jsonl');
  const options = ['--rounds', '1', '--steps', '1', '--processes', '2', '--rows', rows, '--json'];
  const without = ['--no-pytorch', '--no-test-networks'];
  const { stdout } = await bench(['scale', '--networks', 'resnet20d', ...options, ...without]);
  const { workloads, model } = JSON.parse(stdout) as ScaleReport;
  expect(model).toBeNull();
  const [{ contestants, ratios }] = workloads as [ScaleReport['workloads'][0]];
  const names = ['ours-1', 'ours-2', 'ours-2-bfloat16', 'ours-2-apart'];
  expect(contestants.map(({ name }) => name)).toEqual(names);
  expect(Object.keys(ratios)).toEqual(['ours-2 over ours-1', 'ours-2-bfloat16 over ours-1']);
  // Four bytes for each of the 272,474 parameters, and a little.
  expect(contestants[1]!.sentBytes! / (4 * 272_474)).toBeGreaterThan(1);
  expect(contestants[2]!.sentBytes! / (2 * 272_474)).toBeCloseTo(1, 0);
  const written = (await readFile(rows, 'utf8')).trim().split('\n');
  expect(written.slice(1).map((line) => JSON.parse(line).contestant)).toEqual(names);
  const losses = written.slice(1).map((line) => JSON.parse(line).losses as number[]);
  // Each half has its own batch statistics, and all start from the same weights.
  expect(losses[1]![0]).toBeCloseTo(losses[0]![0]!, 1);
  expect(losses[1]![0]).toBeCloseTo(losses[3]![0]!, 5);
  expect(losses[1]![2]).not.toBeCloseTo(losses[3]![2]!, 3);
});

test('a wrong flag ends it before anything is measured', async () => {
  for (const [args, message] of [
    [
      ['train-step', '--networks', 'resnet51'],
      'expected some of resnet20d, resnet50d, mobilenetv2-layers, tf_efficientnet_lite0, mobilenetv2_100, resnext50_32x4d, got "resnet51"',
    ],
    [['train-step', '--contestants', 'jax'], 'got "jax"'],
    [['train-step', '--amp', 'int8'], 'bfloat16, float16'],
    [['train-step', '--contestants', 'graph-bfloat16'], 'take part with --amp'],
    [['train-step', '--rounds', '0'], 'whole number of at least 1'],
    [['input', '--contestants', 'dali'], 'got "dali"'],
    [['input', '--transforms', 'test'], 'train, eval'],
    [['browser', '--contestants', 'webnn'], 'classifier-pixels, network, onnxruntime-web'],
    [['tricks', '--execution', 'slow'], 'graph, eager'],
    [['scale', '--processes', '2,0'], 'whole number of at least 1'],
  ] as const) {
    const { code, stdout, stderr } = await bench(args);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
  }
});

test('the benchmark of a GPU runs on a CPU, and is one text without a home folder', {
  tags: ['slow'],
}, async () => {
  const { code, stdout, stderr } = await bench([
    ...['gpu', '--network', 'resnet20d', '--batch-size', '8', '--seconds', '1'],
    ...['--no-xla', '--no-pytorch'],
  ]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('measuring: bfloat16')]);
  expect(stdout).toMatch(/resnet20d, 32 px; TensorFlow 2\./);
  for (const precision of ['float32', 'float16', 'bfloat16']) {
    // A number of images a second, and not a failure.
    expect(stdout).toMatch(new RegExp(`^${precision} +no +\\d+\\.\\d`, 'm'));
  }
  expect(stdout).toMatch(/float32: ops \d+ on CPU:0/);
  expect(stdout).toContain('Not compared with PyTorch');
  expect(stdout).not.toContain(homedir());
});
