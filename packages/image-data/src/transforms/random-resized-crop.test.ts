import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixture, seeded } from '../../test/support/pictures.ts';
import { randomResizedCrop } from './random-resized-crop.ts';

interface Quantiles {
  readonly height: number;
  readonly width: number;
  readonly draws: number;
  readonly area: number[];
  readonly aspect: number[];
  readonly top: number[];
  readonly left: number[];
}

/** The greatest distance of two distributions, one of them given by its quantiles. */
function kolmogorovSmirnov(sample: number[], quantiles: readonly number[]): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const below = (value: number) => sorted.filter((each) => each <= value).length / sorted.length;
  const share = (value: number) =>
    quantiles.filter((each) => each <= value).length / quantiles.length;
  return Math.max(...quantiles.map((value) => Math.abs(below(value) - share(value))));
}

describe("10,000 draws are distributed as torchvision's", () => {
  const reference = fixture<Quantiles>('random-resized-crop.json');
  const { height, width, draws } = reference;
  const place = randomResizedCrop({ size: 224 });
  const random = seeded(7);
  const windows = Array.from({ length: draws }, () => place(reference, random).window);
  const samples = {
    area: windows.map((window) => (window.height * window.width) / (height * width)),
    aspect: windows.map((window) => window.width / window.height),
    top: windows.map((window) => window.top / (height - window.height + 1)),
    left: windows.map((window) => window.left / (width - window.width + 1)),
  };
  // Two samples of 10,000 from one distribution are further apart once in a thousand times; and 501 quantiles.
  const limit = 1.95 * Math.sqrt(2 / draws) + 1 / 500;

  test.each(['area', 'aspect', 'top', 'left'] as const)('%s', (name) => {
    expect(kolmogorovSmirnov(samples[name], reference[name])).toBeLessThan(limit);
  });

  test('and not as with a uniform ratio, or another scale', () => {
    const aspects = (options: Partial<Parameters<typeof randomResizedCrop>[0]>) => {
      const other = randomResizedCrop({ size: 224, ...options });
      const draw = seeded(7);
      return Array.from({ length: draws }, () => {
        const { window } = other(reference, draw);
        return window.width / window.height;
      });
    };
    const uniform = aspects({ ratioDistribution: 'uniform' });
    expect(kolmogorovSmirnov(uniform, reference.aspect)).toBeGreaterThan(limit);
    const small = aspects({ scale: [0.5, 1] });
    expect(kolmogorovSmirnov(small, reference.aspect)).toBeGreaterThan(limit);
  });
});

test('half of the images are mirrored, all with flip 1 and none with flip 0', () => {
  const flips = (flip: number) => {
    const place = randomResizedCrop({ size: 8, flip });
    const random = seeded(3);
    return Array.from({ length: 4000 }, () => place({ height: 9, width: 9 }, random).flip);
  };
  expect(flips(0).some(Boolean)).toBe(false);
  expect(flips(1).every(Boolean)).toBe(true);
  expect(flips(0.5).filter(Boolean).length / 4000).toBeCloseTo(0.5, 1);
});

test('an image that no draw fits gives its largest central part within the ratios', () => {
  const place = randomResizedCrop({ size: 8, scale: [1, 1] });
  expect(place({ height: 100, width: 400 }, seeded(1)).window).toEqual({
    top: 0,
    left: 133,
    height: 100,
    width: 133,
  });
  expect(place({ height: 400, width: 90 }, seeded(1)).window).toEqual({
    top: 140,
    left: 0,
    height: 120,
    width: 90,
  });
});

test('the window is always inside the image, after 23 draws', () => {
  const size = fc.record({
    height: fc.integer({ min: 1, max: 3000 }),
    width: fc.integer({ min: 1, max: 3000 }),
  });
  fc.assert(
    fc.property(size, fc.nat(), (image, seed) => {
      const random = seeded(seed);
      let draws = 0;
      const { window } = randomResizedCrop({ size: 224 })(image, () => {
        draws++;
        return random();
      });
      expect(draws).toBe(23);
      expect(Math.min(window.height, window.width)).toBeGreaterThan(0);
      expect(window.top).toBeGreaterThanOrEqual(0);
      expect(window.left).toBeGreaterThanOrEqual(0);
      expect(window.top + window.height).toBeLessThanOrEqual(image.height);
      expect(window.left + window.width).toBeLessThanOrEqual(image.width);
    }),
  );
});

test('a random interpolation is bilinear or bicubic, by one draw more, and the crop stays', () => {
  const image = { height: 300, width: 400 };
  const random = seeded(3);
  const place = randomResizedCrop({ size: 8, interpolation: 'random' });
  const drawn = Array.from({ length: 1000 }, () => place(image, random).interpolation);
  expect(new Set(drawn)).toEqual(new Set(['bilinear', 'bicubic']));
  expect(drawn.filter((name) => name === 'bicubic').length / 1000).toBeCloseTo(0.5, 1);
  const { interpolation: _, ...crop } = place(image, seeded(5));
  expect(crop).toEqual(randomResizedCrop({ size: 8 })(image, seeded(5)));
  const named = randomResizedCrop({ size: 8, interpolation: 'lanczos' })(image, seeded(5));
  expect(named).toEqual({ ...crop, interpolation: 'lanczos' });
});

test.each([
  [{ size: 224, interpolation: 'nearest' as 'bicubic' }, "interpolation to be 'bilinear' or"],
  [{ size: 0 }, 'size to be a whole number above 0, got 0'],
  [{ size: 224, scale: [0, 1] as const }, 'scale to be two numbers above 0 and up to 1'],
  [{ size: 224, scale: [0.1, 1.1] as const }, 'scale'],
  [{ size: 224, ratio: [2, 1] as const }, 'the smaller first, got [2, 1]'],
  [{ size: 224, ratio: [Number.NaN, 1] as const }, 'ratio'],
  [{ size: 224, flip: 1.5 }, 'flip to be a number of [0, 1], got 1.5'],
])('%j is refused', (options, message) => {
  expect(() => randomResizedCrop(options)).toThrow(RangeError);
  expect(() => randomResizedCrop(options)).toThrow(message);
});
