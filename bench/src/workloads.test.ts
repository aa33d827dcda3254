import { countMultiplyAdds } from '@bag-of-tricks/resnet-variants';
import { expect, test } from 'vitest';
import { findWorkloads, matrixFlopsPerStep } from './workloads.ts';

test('a step takes two operations a multiply-add, three times but for the gradient of the images', () => {
  expect(matrixFlopsPerStep({ multiplyAdds: 100, firstConvolution: 10, batchSize: 4 })).toBe(
    4 * 2 * (100 + 100 + 90),
  );
});

test("ResNet-50-D's multiply-adds are the paper's 4.3 GFLOPs, of which the first convolution is 10.8 million", () => {
  const multiplyAdds = countMultiplyAdds({ depth: 50, variant: 'd' });
  expect(multiplyAdds / 1e9).toBeCloseTo(4.3, 1);
  const firstConvolution = 3 * 3 * 3 * 32 * 112 * 112;
  expect(matrixFlopsPerStep({ multiplyAdds, firstConvolution, batchSize: 16 }) / 1e9).toBeCloseTo(
    415.2,
    0,
  );
});

test('an unknown network is an error that names those that are known', () => {
  expect(findWorkloads(['resnet50d', 'resnet20d']).map(({ batchSize }) => batchSize)).toEqual([
    16, 128,
  ]);
  expect(() => findWorkloads(['resnet51'])).toThrow(
    /resnet20d, resnet50d, mobilenetv2-layers, tf_efficientnet_lite0, mobilenetv2_100, resnext50_32x4d, got "resnet51"/,
  );
});
