import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { dropPaths, tensorLayers } from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { architectureOf } from './architecture.ts';
import { resolveConfig } from './config.ts';
import { residualSum, shortcutPath } from './forward.ts';
import { createModel, type Depth, resnet, type Variant } from './index.ts';

const golden: {
  rates: { name: string; rate: number; blocks: number[] }[];
  dropped: { rate: number; kept: number[]; branch: number[]; result: number[] }[];
} = JSON.parse(readFileSync(new URL('../fixtures/timm-drop-path.json', import.meta.url), 'utf8'));

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => {
  tf.disposeVariables();
  tf.engine().endScope();
});

const maxDifference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describe('against timm', () => {
  test.each(golden.rates)('the rate of every block of $name at $rate', ({ name, rate, blocks }) => {
    const depth = Number(name.match(/\d+/)![0]) as Depth;
    const variant: Variant = name.endsWith('d') ? 'd' : 'b';
    const rates = architectureOf(resolveConfig({ depth, variant, stochasticDepth: rate })).blocks;
    expect(rates).toHaveLength(blocks.length);
    for (const [i, { dropRate }] of rates.entries()) expect(dropRate).toBeCloseTo(blocks[i]!, 12);
  });

  test.each(golden.dropped)('drop_path at $rate', ({ rate, kept, branch, result }) => {
    // Just below the share that survives, and just at it.
    const numbers = kept.map((one) => (one ? 1 - rate - 1e-6 : 1 - rate + 1e-6));
    const actual = dropPaths(tf.tensor4d(branch, [6, 2, 2, 1]), rate, (shape) =>
      tf.tensor(numbers, [...shape]),
    );
    for (const [i, value] of actual.dataSync().entries()) expect(value).toBeCloseTo(result[i]!, 4);
  });
});

/** The second block of a tiny network: its input, and what it adds with these random numbers for the images. */
function block(depth: Depth, variant: Variant) {
  const config = resolveConfig({
    depth,
    variant,
    layers: [1, 1],
    width: 4,
    stochasticDepth: 0.25,
    zeroGamma: false,
  });
  const { blocks } = architectureOf(config);
  const { parameters, buffers } = resnet(config);
  const channels = blocks[1]!.branch[0]!.inputChannels;
  const x = tf.randomNormal<tf.Rank.R4>([4, 6, 6, channels], 0, 1, 'float32', 5);
  const layers = (numbers?: readonly number[]) =>
    tensorLayers({
      parameters,
      buffers,
      training: true,
      random: (shape: readonly number[]) => {
        if (!numbers) throw new Error('drew');
        return tf.tensor([...numbers], [...shape]);
      },
    });
  const run = (numbers: readonly number[]) =>
    residualSum<tf.Tensor>(x, blocks[1]!, layers(numbers));
  const shortcut = () => shortcutPath<tf.Tensor>(x, blocks[1]!, layers());
  return { run, shortcut };
}

const networks = ([18, 50, 20] as const).flatMap((depth) =>
  (['a', 'b', 'c', 'd'] as const).map((variant) => [depth, variant] as const),
);

describe.each(networks)('a block of resnet%d%s', (depth, variant) => {
  test('is its shortcut for images that are dropped, and larger by 1 / survival for the others', () => {
    const { run, shortcut } = block(depth, variant);
    const all = dropPathsOff(depth, variant);
    const sum = run([0.9, 0.1, 0.76, 0.74]);
    const [s0, s1, s2, s3] = tf.unstack(shortcut());
    const [y0, y1, y2, y3] = tf.unstack(sum);
    const branches = tf.unstack(tf.sub(all, shortcut()));
    for (const [y, s] of [
      [y0, s0],
      [y2, s2],
    ] as const)
      expect(maxDifference(y!, s!)).toBe(0);
    for (const [y, s, branch] of [
      [y1, s1, branches[1]],
      [y3, s3, branches[3]],
    ] as const) {
      expect(maxDifference(y!, tf.add(s!, tf.div(branch!, 0.75)))).toBeLessThan(1e-5);
    }
  });

  test('has the block without stochastic depth as its expectation', () => {
    const { run } = block(depth, variant);
    const grid = [0.125, 0.375, 0.625, 0.875].map((u) => run([u, u, u, u]));
    const mean = tf.div(tf.addN(grid), grid.length);
    expect(maxDifference(mean, dropPathsOff(depth, variant))).toBeLessThan(1e-5);
  });
});

/** The same block, the same weights, nothing dropped. */
function dropPathsOff(depth: Depth, variant: Variant): tf.Tensor {
  const config = resolveConfig({ depth, variant, layers: [1, 1], width: 4, zeroGamma: false });
  const { blocks } = architectureOf(config);
  const { parameters, buffers } = resnet(config);
  const channels = blocks[1]!.branch[0]!.inputChannels;
  const x = tf.randomNormal<tf.Rank.R4>([4, 6, 6, channels], 0, 1, 'float32', 5);
  const random = () => {
    throw new Error('drew');
  };
  const layers = tensorLayers({ parameters, buffers, training: true, random });
  return residualSum<tf.Tensor>(x, blocks[1]!, layers);
}

describe('a network', () => {
  const options = { depth: 20, layers: [2, 2], width: 4, numClasses: 3 } as const;
  const images = () => tf.randomNormal<tf.Rank.R4>([5, 8, 8, 3], 0, 1, 'float32', 9);

  test('draws once an image for every block but the first when training, and never in evaluation', () => {
    const model = resnet({ ...options, stochasticDepth: 0.5 });
    const shapes: (readonly number[])[] = [];
    const random = (shape: readonly number[]) => {
      shapes.push(shape);
      return tf.zeros([...shape]);
    };
    model.apply(images(), { training: false, random });
    expect(shapes).toEqual([]);
    model.apply(images(), { training: true, random });
    expect(shapes).toEqual([1, 2, 3].map(() => [5, 1, 1, 1]));
  });

  test('gives in evaluation what the network without it gives, and has the same parameters', () => {
    const [plain, deep] = [resnet(options), resnet({ ...options, stochasticDepth: 0.5 })];
    expect(Object.keys(deep.parameters)).toEqual(Object.keys(plain.parameters));
    const x = images();
    const [a, b] = [plain, deep].map((model) => model.apply(x, { training: false }).dataSync());
    expect(b).toEqual(a);
  });

  test('draws by tf.randomUniform when nothing is passed in, leaks nothing and has gradients', () => {
    const model = resnet({ ...options, zeroGamma: false, stochasticDepth: 0.9 });
    const x = images();
    const logits = () => model.apply(x, { training: true });
    const before = tf.memory().numTensors;
    const runs = Array.from({ length: 8 }, () => `${tf.tidy(() => logits().dataSync())}`);
    expect(new Set(runs).size).toBeGreaterThan(1);
    const { value, grads } = tf.variableGrads(
      () => tf.mean(tf.square(logits())).asScalar(),
      Object.values(model.parameters),
    );
    const numbers = tf.tidy(() => Object.values(grads).map((g) => tf.sum(g).dataSync()[0]!));
    expect(numbers.every(Number.isFinite)).toBe(true);
    tf.dispose([value, grads]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('drops about the share that was asked for', () => {
    const ones = tf.ones([4000, 1, 1, 1]) as tf.Tensor4D;
    const random = (shape: readonly number[]) => tf.randomUniform([...shape], 0, 1, 'float32', 11);
    const kept = dropPaths(ones, 0.3, random)
      .dataSync()
      .filter((value) => value > 0).length;
    // Six standard deviations of the binomial distribution.
    expect(Math.abs(kept - 2800)).toBeLessThan(6 * Math.sqrt(4000 * 0.3 * 0.7));
  });

  test('of a single block drops nothing', () => {
    const [only] = architectureOf(
      resolveConfig({ depth: 20, layers: [1], stochasticDepth: 0.5 }),
    ).blocks;
    expect(only!.dropRate).toBe(0);
  });

  test.each([1, -0.1, Number.NaN, '0.1'])('refuses the rate %s', (stochasticDepth) => {
    expect(() => createModel('resnet20', { stochasticDepth: stochasticDepth as number })).toThrow(
      `resnet: expected 0 <= stochasticDepth < 1, got ${stochasticDepth}. 0 drops no block.`,
    );
  });
});
