import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference, fixture, seeded } from '../../../test/support/pictures.ts';
import { type OperationName, operationNames, operations } from './operations.ts';
import { randAugment } from './rand-augment.ts';
import { randomErasing } from './random-erasing.ts';
import { trivialAugment } from './trivial-augment.ts';

interface Reference {
  readonly height: number;
  readonly width: number;
  readonly image: string;
  readonly cases: readonly {
    readonly policy: 'randAugment' | 'trivialAugment';
    readonly name: OperationName;
    readonly step: number;
    readonly sign: 1 | -1;
    readonly signed: boolean;
    readonly magnitude: number;
    readonly result: string;
  }[];
}

const { cases, image, ...size } = fixture<Reference>('augment.json');
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const picture = { pixels: bytes(image), ...size };

/** Returns these numbers, one after the other. */
function given(...numbers: number[]): () => number {
  return () => {
    const next = numbers.shift();
    if (next === undefined) throw new Error('one draw too many');
    return next;
  };
}

const choose = (name: OperationName) =>
  (operationNames.indexOf(name) + 0.5) / operationNames.length;

describe("every operation at its magnitudes is torchvision's on Pillow images, bit for bit", () => {
  test.each(cases)(
    '$policy $name step $step sign $sign',
    ({ policy, name, step, sign, result }) => {
      const signDraw = sign < 0 ? 0.1 : 0.9;
      const augmented =
        policy === 'randAugment'
          ? randAugment(picture, given(choose(name), signDraw), { count: 1, magnitude: step })
          : trivialAugment(picture, given(choose(name), (step + 0.5) / 31, signDraw));
      expect(difference(augmented.pixels, bytes(result))).toEqual({ mean: 0, max: 0 });
      expect(picture.pixels).toEqual(bytes(image));
    },
  );
});

test('an unsigned operation ignores the sign', () => {
  for (const { policy, name, step, signed, result } of cases) {
    if (signed || policy !== 'randAugment') continue;
    const augmented = randAugment(picture, given(choose(name), 0.1), { count: 1, magnitude: step });
    expect(augmented.pixels).toEqual(bytes(result));
  }
});

test('operations follow each other, two draws each', () => {
  const draws = [choose('posterize'), 0.9, choose('rotate'), 0.1];
  const both = randAugment(picture, given(...draws), { count: 2, magnitude: 9 });
  const first = randAugment(picture, given(...draws.slice(0, 2)), { count: 1, magnitude: 9 });
  const second = randAugment(first, given(...draws.slice(2)), { count: 1, magnitude: 9 });
  expect(both).toEqual(second);
  expect(randAugment(picture, given(), { count: 0 })).toBe(picture);
});

test('every operation takes flat, tiny and one-pixel pictures', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(255),
      fc.nat(),
      (height, width, level, seed) => {
        const flat = { pixels: new Uint8Array(height * width * 3).fill(level), height, width };
        for (const name of operationNames)
          expect(operations[name](flat, 1).pixels.length).toBe(flat.pixels.length);
        const random = seeded(seed);
        expect(trivialAugment(flat, random).pixels.length).toBe(flat.pixels.length);
        expect(randomErasing(flat, random).pixels.length).toBe(flat.pixels.length);
      },
    ),
  );
});

describe('random erasing', () => {
  const white = { pixels: new Uint8Array(100 * 80 * 3).fill(255), height: 100, width: 80 };
  const erasedBox = (pixels: Uint8Array) => {
    const rows = new Set<number>();
    const columns = new Set<number>();
    let count = 0;
    let colored = true;
    for (let at = 0; at < pixels.length; at += 3) {
      if (pixels[at] === 255) continue;
      colored &&= pixels[at] === 124 && pixels[at + 1] === 117 && pixels[at + 2] === 104;
      rows.add(Math.floor(at / 240));
      columns.add((at / 3) % 80);
      count++;
    }
    return { count, colored, height: rows.size, width: columns.size };
  };

  test('overwrites one rectangle, within the area and ratio, as often as it should', () => {
    const random = seeded(4);
    const boxes = Array.from({ length: 2000 }, () =>
      erasedBox(randomErasing(white, random).pixels),
    );
    const erased = boxes.filter(({ count }) => count > 0);
    expect(erased.length / boxes.length).toBeCloseTo(0.25, 1);
    for (const { count, colored, height, width } of erased) {
      expect(colored).toBe(true);
      expect(count).toBe(height * width);
      expect(count / 8000).toBeGreaterThan(0.018);
      expect(count / 8000).toBeLessThan(0.345);
      expect(height / width).toBeGreaterThan(0.28);
      expect(height / width).toBeLessThan(3.6);
    }
    // U[0.02, 1/3] has the mean 0.177; shapes that do not fit are the large ones.
    const mean = erased.reduce((sum, { count }) => sum + count / 8000, 0) / erased.length;
    expect(mean).toBeGreaterThan(0.15);
    expect(mean).toBeLessThan(0.185);
  });

  test('takes 23 draws whether it erases or not, and leaves the picture as it is', () => {
    for (const first of [0, 0.99]) {
      const numbers = [first, ...new Array<number>(22).fill(0.5)];
      randomErasing(white, given(...numbers));
      expect(() => randomErasing(white, given(...numbers.slice(1)))).toThrow('one draw too many');
    }
    expect(white.pixels.every((value) => value === 255)).toBe(true);
  });
});

test.each([
  [
    () => randAugment({ ...picture, height: 3 }, Math.random),
    'expected pixels of [3, 16, 1 or 3], got 576',
  ],
  [
    () => randAugment(picture, Math.random, { magnitude: 31 }),
    'magnitude to be a whole number from 0 to 30, got 31',
  ],
  [() => randAugment(picture, Math.random, { count: 1.5 }), 'count'],
  [() => trivialAugment({ ...picture, width: 0 }, Math.random), 'trivialAugment: expected pixels'],
  [() => randomErasing(picture, Math.random, { probability: 2 }), 'probability'],
  [() => randomErasing(picture, Math.random, { area: [0.5, 0.1] }), 'area'],
])('nonsense is refused: %s', (call, message) => {
  expect(call).toThrow(RangeError);
  expect(call).toThrow(message);
});

test('a grey picture becomes what a channel of the same in three channels becomes', () => {
  const random = seeded(7);
  const gray = Uint8Array.from({ length: 13 * 9 }, () => 40 + Math.floor(170 * random()));
  const one = { pixels: gray, height: 13, width: 9 };
  const three = { ...one, pixels: Uint8Array.from([...gray].flatMap((v) => [v, v, v])) };
  const first = (pixels: Uint8Array) => pixels.filter((_, i) => i % 3 === 0);
  for (const name of operationNames) {
    for (const magnitude of [-5, -0.4, 0.4, 4]) {
      const wanted = first(operations[name](three, magnitude).pixels);
      expect(operations[name](one, magnitude).pixels).toEqual(wanted);
    }
  }
  expect(randAugment(one, seeded(3)).pixels).toEqual(first(randAugment(three, seeded(3)).pixels));
  const erase = (picture: typeof one, color: number[]) =>
    randomErasing(picture, seeded(1), { probability: 1, color }).pixels;
  expect(erase(one, [118])).toEqual(first(erase(three, [118, 118, 118])));
  expect(randomErasing(one, seeded(1), { probability: 1 }).pixels).toEqual(erase(one, [118]));
  expect(() => erase(one, [1, 2, 3])).toThrow(/color to be 1 number, one a channel, got \[1,2,3\]/);
});
