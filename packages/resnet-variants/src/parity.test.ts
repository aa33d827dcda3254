import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences, measure, readCases } from '../fixtures/parity.ts';
import * as library from './index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const cases = readCases('training.json');

describe('a training step equals PyTorch with timm blocks to 1e-4', () => {
  for (const golden of cases) {
    const { depth, variant } = golden.config;
    const [, height, width] = golden.images;
    test(`depth ${depth}, variant ${variant}, ${height}x${width} pixels`, async () => {
      const found = differences(await measure(tf, library, golden), golden);
      for (const [part, difference] of Object.entries(found)) {
        expect(difference, part).toBeLessThan(1e-4);
      }
    });
  }
});

test('the comparison tells variant a from variant b, whose weights have the same names', async () => {
  const golden = cases.find(({ config }) => config.depth === 50 && config.variant === 'b')!;
  const other = await measure(tf, library, {
    ...golden,
    config: { ...golden.config, variant: 'a' },
  });
  for (const [part, difference] of Object.entries(differences(other, golden))) {
    expect(difference, part).toBeGreaterThan(1e-2);
  }
});
