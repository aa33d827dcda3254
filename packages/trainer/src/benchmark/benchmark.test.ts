import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Benchmark, type BenchmarkRow, benchmark, differenceOf } from './benchmark.ts';
import { formatBenchmark } from './format-benchmark.ts';

/** Processes run what was built. */
const script = fileURLToPath(new URL('../../dist/benchmark/child.js', import.meta.url));
const small = {
  model: 'resnet20d',
  imageSize: 16,
  numClasses: 4,
  batchSize: 8,
  seconds: 1,
  script,
};

test('a small network is measured in each precision, and its gradients are those of float32, rounded', {
  tags: ['slow'],
}, async () => {
  const heard: string[] = [];
  const measured = await benchmark({
    ...small,
    precisions: ['float32', 'bfloat16'],
    xla: [false],
    onProgress: (what) => heard.push(what),
  });
  expect(heard.filter((line) => !line.includes('goes on'))).toEqual([
    'gradients of a step on the CPU',
    'float32',
    'bfloat16',
  ]);
  const [float32, bfloat16] = measured.rows as [BenchmarkRow, BenchmarkRow];
  for (const { imagesPerSecond, timed, failure } of [float32, bfloat16]) {
    expect(failure).toBeNull();
    expect(imagesPerSecond).toBeGreaterThan(0);
    expect(Object.keys(timed!.placement.devices)).toContain('CPU:0');
  }
  expect(float32.gradientError!.all).toBeLessThan(1e-4);
  expect(bfloat16.gradientError!.all).toBeGreaterThan(1e-4);
  expect(bfloat16.gradientError!.all).toBeLessThan(0.5);
  const text = formatBenchmark(measured);
  expect(text).toMatch(/^resnet20d, 16 px; TensorFlow 2\./);
  expect(text).toMatch(/\nfloat32: ops \d+ on CPU:0.*0 within the step/);
  expect(text).not.toContain(homedir());
});

test('a measurement that takes long says that it goes on', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const heard: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const measuring = benchmark({ ...small, onProgress: (what) => heard.push(what), signal });
  while (heard.length < 2) {
    await new Promise(setImmediate);
    vi.advanceTimersByTime(10_000);
  }
  controller.abort();
  await expect(measuring).rejects.toThrow(/abort/);
  expect(heard[1]).toBe('gradients of a step on the CPU goes on, 10 s so far');
});

test('what cannot be measured says why, and the others go on', { tags: ['slow'] }, async () => {
  const { rows } = await benchmark({
    ...small,
    model: 'resnet21d',
    precisions: ['float32'],
    xla: [false],
  });
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ timed: null, failure: expect.stringMatching(/resnet21d/) });
  const late = await benchmark({
    ...small,
    precisions: ['float32'],
    xla: [false],
    limitSeconds: 1,
  });
  expect(late.rows[0]!.failure).toMatch(/not done in time/);
});

test('a difference is that of all gradients, and of the parameter that is farthest off', () => {
  const expected = { a: Float32Array.of(3, 4), b: Float32Array.of(0, 1) };
  const actual = { a: Float32Array.of(3, 4), b: Float32Array.of(0, 0.5) };
  expect(differenceOf(actual, expected)).toEqual({
    ...{ all: 0.5 / Math.sqrt(26), worst: 0.5, of: 'b' },
  });
  expect(differenceOf(expected, expected)).toMatchObject({ all: 0, worst: 0 });
  expect(differenceOf({ a: actual.a }, expected)).toMatchObject({ all: Number.NaN, of: 'b' });
  expect(differenceOf({ a: Float32Array.of(1) }, { a: Float32Array.of(0) }).worst).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test('a text for an issue has what was copied within a step, and neither addresses nor the home folder', () => {
  const row = {
    precision: 'float16',
    xla: true,
    gradientError: null,
    imagesPerSecond: 500,
  } as const;
  const within = { tensor: 'edge_3_finite', from: 'GPU:0', to: 'GPU:0 (host)', kind: 'within' };
  const timed = {
    ...{ batchSize: 64, steps: 9, stepMilliseconds: 128, firstStepSeconds: 3 },
    placement: { devices: { 'GPU:0': { Conv2D: 5 }, 'CPU:0': { Pack: 1 } }, transfers: [within] },
  };
  const failure = 'ended with SIGSEGV: Error at 0x7f00aa00bb00 in /home/me/x';
  const text = formatBenchmark(
    {
      ...{ model: 'resnet50d', imageSize: 224, tensorflow: '2.21.0', devices: ['CPU:0', 'GPU:0'] },
      cards: ['GPU 0: A card'],
      rows: [
        { ...row, timed, failure: null },
        { ...row, precision: 'float32', timed: null, imagesPerSecond: null, failure },
      ],
    } as Benchmark,
    '/home/me',
  );
  expect(text).toContain(
    'float16    yes  500.0     128.0    64     3.0           -              -',
  );
  expect(text).toContain('float32 with XLA: ended with SIGSEGV: Error at 0x... in ~/x');
  expect(text).toContain(
    'ops 5 on GPU:0 (Conv2D); 1 on CPU:0 (Pack); tensors copied: 0 in, 0 out, 1 within',
  );
  expect(text).toContain('  edge_3_finite: GPU:0 -> GPU:0 (host)');
});
