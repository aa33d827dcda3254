import { expect, test } from 'vitest';
import type { ConvNorm } from './conv-norm.ts';
import { convNormParameters } from './conv-norm.ts';
import { countTrainable, expectImageSize, multiplyAdds } from './counts.ts';

const layer = (groups: number): ConvNorm => ({
  conv: 'conv',
  norm: 'bn',
  kernelSize: 3,
  stride: 2,
  inputChannels: 8,
  outputChannels: 16,
  groups,
});

test('groups divide the weights and the multiply-adds', () => {
  expect(countTrainable(convNormParameters(layer(1)))).toBe(9 * 8 * 16 + 32);
  expect(countTrainable(convNormParameters(layer(4)))).toBe((9 * 8 * 16) / 4 + 32);
  const size = { height: 7, width: 4 };
  expect(multiplyAdds([layer(1)], size)).toEqual({
    macs: 4 * 2 * 9 * 8 * 16,
    activations: 4 * 2 * 16,
    output: { height: 4, width: 2 },
  });
  expect(multiplyAdds([layer(8)], size).macs).toBe(4 * 2 * 9 * 16);
});

test.each([0, 1.5, Number.NaN])('an image %d pixels wide is refused', (width) => {
  expect(() => expectImageSize('count', { height: 4, width })).toThrow(
    `count: expected width to be a positive integer, got ${width}.`,
  );
});
