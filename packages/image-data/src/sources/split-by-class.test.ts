import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imagesInMemory, splitByClass } from '../index.ts';

const classNames = ['a', 'b', 'c'];

/** Images of one pixel, whose value is their index. */
function source(labels: readonly number[]) {
  const images = Uint8Array.from(labels, (_, index) => index);
  return imagesInMemory({
    name: 'few',
    classNames,
    images,
    labels,
    height: 1,
    width: 1,
    channels: 1,
  });
}
const indices = (part: ReturnType<typeof source>) =>
  Array.from({ length: part.size }, (_, at) => part.inMemory!(at)!.pixels[0]!);
const labelsOf = fc.array(fc.nat(2), { minLength: 2, maxLength: 200 });
const shares = fc.double({ min: 0.001, max: 0.999, noNaN: true });

test('of each class its share is for validation, at least one and never all, and no image is lost', () => {
  fc.assert(
    fc.property(labelsOf, shares, fc.nat(), (labels, share, seed) => {
      const counts = classNames.map((_, label) => labels.filter((one) => one === label).length);
      fc.pre(counts.some((count) => count > 1));
      const { train, val } = splitByClass(source(labels), { share, seed });
      expect([...indices(train), ...indices(val)].sort((a, b) => a - b)).toEqual([
        ...labels.keys(),
      ]);
      for (const [label, count] of counts.entries()) {
        const kept = indices(val).filter((index) => labels[index] === label);
        const most = Math.max(0, count - 1);
        expect(kept).toHaveLength(Math.min(most, Math.max(1, Math.round(share * count))));
      }
      for (const part of [train, val]) {
        const own = Array.from({ length: part.size }, (_, at) => part.label(at));
        expect(own).toEqual(indices(part).map((index) => labels[index]));
      }
    }),
  );
});

test('the seed says which, in the order of the source', () => {
  const labels = Array.from({ length: 90 }, (_, i) => i % 3);
  const kept = (seed: number) => indices(splitByClass(source(labels), { seed }).val);
  expect(kept(1)).toHaveLength(18);
  expect(kept(1)).toEqual(kept(1).toSorted((a, b) => a - b));
  expect(kept(2)).not.toEqual(kept(1));
  expect(kept(1)).toEqual(kept(1));
});

test('an image that is added moves at most one other of its class, and none of another class', () => {
  const labels = Array.from({ length: 60 }, (_, i) => i % 2);
  const before = indices(splitByClass(source(labels), { seed: 5 }).val);
  const after = indices(splitByClass(source([...labels, 1]), { seed: 5 }).val);
  const moved = [
    ...before.filter((index) => !after.includes(index)),
    ...after.filter((index) => !before.includes(index)),
  ];
  expect(moved.filter((index) => index < 60 && labels[index] === 0)).toEqual([]);
  expect(moved.length).toBeLessThanOrEqual(2);
});

test('images that are one and the same come to one side, unless a class has no others', () => {
  fc.assert(
    fc.property(labelsOf, shares, fc.nat(), (labels, share, seed) => {
      const counts = classNames.map((_, label) => labels.filter((one) => one === label).length);
      fc.pre(counts.some((count) => count > 1));
      // Every third image of a class is the first of it again.
      const same = new Map<number, number>();
      for (const [index, label] of labels.entries())
        if (index % 3 === 0 && labels.indexOf(label) < index)
          same.set(index, labels.indexOf(label));
      const { train, val } = splitByClass(source(labels), { share, seed, same });
      const [trained, kept] = [indices(train), indices(val)];
      expect([...trained, ...kept].sort((a, b) => a - b)).toEqual([...labels.keys()]);
      for (const [label, count] of counts.entries()) {
        expect(count < 2 || kept.some((index) => labels[index] === label)).toBe(true);
        expect(count < 1 || trained.some((index) => labels[index] === label)).toBe(true);
      }
      for (const [index, first] of same) {
        const alone = labels.every(
          (label, i) => label !== labels[index] || i === first || same.has(i),
        );
        expect(alone || kept.includes(index) === kept.includes(first)).toBe(true);
      }
    }),
  );
});

test('what cannot be split is refused', () => {
  expect(() => splitByClass(source([0, 1, 2]), { seed: 1 })).toThrow(
    'expected a class of at least two images, one to train on and one to validate on, got 3 images of 3 classes in few',
  );
  expect(() => splitByClass(source([0, 0]), { share: 2, seed: 1 })).toThrow(RangeError);
});
