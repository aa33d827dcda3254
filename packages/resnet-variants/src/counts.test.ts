import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCases } from '../fixtures/parity.ts';
import { DEPTHS, type Depth, VARIANTS, type Variant } from './config.ts';
import { countActivations, countMultiplyAdds, countParameters } from './counts.ts';
import { resnet } from './model.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const TABLE_5 = [
  ['a', 25_557_032, 3.858],
  ['b', 25_557_032, 4.089],
  ['c', 25_576_264, 4.329],
  ['d', 25_576_264, 4.329],
] as const satisfies readonly (readonly [Variant, number, number])[];

test.each(TABLE_5)(
  "ResNet-50-%s has Table 5's %d parameters and %d GMAC",
  (variant, parameters, gmac) => {
    expect(countParameters({ depth: 50, variant })).toBe(parameters);
    const macs = countMultiplyAdds({ depth: 50, variant }, { height: 224, width: 224 });
    expect((macs / 1e9).toFixed(3)).toBe(gmac.toFixed(3));
  },
);

describe('counts equal those that hooks on PyTorch modules count', () => {
  for (const { model, parameters, multiplyAdds } of readCases('counts.json')) {
    test(model, () => {
      const [, depth, variant = 'b'] = /^resnet(\d+)([acd]?)$/.exec(model)!;
      const options = { depth: Number(depth) as Depth, variant: (variant || 'b') as Variant };
      expect(countParameters(options)).toBe(parameters);
      for (const [height, width, macs] of multiplyAdds) {
        expect(countMultiplyAdds(options, { height, width })).toBe(macs);
      }
    });
  }
});

test.each([
  ['resnet18', 2_484_712],
  ['resnet34d', 4_541_928],
  ['resnet50d', 11_917_800],
  ['wide_resnet101_2', 21_225_448],
])('%s keeps the %i values that hooks on the layers of timm 1.0.31 count', (name, values) => {
  expect(countActivations(name)).toBe(values);
});

test('a model counts as its options do, and as the sizes of its variables', () => {
  const options = { depth: 50, variant: 'd', layers: [1, 2], width: 8, numClasses: 7 } as const;
  const model = resnet(options);
  const sizes = Object.values(model.parameters).map(({ size }) => size);
  expect(countParameters(model)).toBe(sizes.reduce((total, size) => total + size, 0));
  expect(countParameters(model)).toBe(countParameters(options));
  expect(countMultiplyAdds(model, { height: 9, width: 8 })).toBe(
    countMultiplyAdds(options, { height: 9, width: 8 }),
  );
  model.dispose();
});

test('another class costs one dense column and a bias in every network', () => {
  const depths = Object.keys(DEPTHS).map((depth) => Number(depth) as Depth);
  fc.assert(
    fc.property(
      fc.constantFrom(...depths),
      fc.constantFrom(...VARIANTS),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 300 }),
      (depth, variant, numClasses, height) => {
        const count = (classes: number) => countParameters({ depth, variant, numClasses: classes });
        const macs = (classes: number) =>
          countMultiplyAdds({ depth, variant, numClasses: classes }, { height, width: 64 });
        const added = count(numClasses + 1) - count(numClasses);
        expect(macs(numClasses + 1) - macs(numClasses)).toBe(added - 1);
      },
    ),
    { numRuns: 30 },
  );
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'an image %d pixels high is refused',
  (height) => {
    expect(() => countMultiplyAdds({ depth: 50 }, { height, width: 224 })).toThrow(
      `countMultiplyAdds: expected height to be a positive integer, got ${height}.`,
    );
  },
);
