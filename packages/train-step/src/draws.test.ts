import { expect, test } from 'vitest';
import { type DrawFor, drawShapes, drawStep } from './draws.ts';
import type { NamedParts } from './parts.ts';

const place: DrawFor = { epoch: 2, epochs: 5, imageShape: [8, 8, 1], seed: 7, step: 3 };

/** A trick that draws one number of its name. */
const drawing = (name: string, turn?: { readonly group: string; readonly share: number }) =>
  ({
    name,
    draws: {
      shapes: { [name]: [] },
      draw: ({ random }) => ({ [name]: random() }),
      ...(turn && { turn: { ...turn, idle: () => ({ [name]: -1 }) } }),
    },
  }) satisfies NamedParts as NamedParts;

test('a draw depends on seed, epoch, step and the name of its trick alone', () => {
  const draw = (tricks: NamedParts[], at: Partial<DrawFor> = {}) =>
    drawStep(tricks, { ...place, ...at }).a as number;
  const a = draw([drawing('a')]);
  expect(draw([drawing('a')])).toBe(a);
  expect(draw([drawing('b'), drawing('a'), drawing('c')], { epochs: 9 })).toBe(a);
  const others = [{ seed: 8 }, { epoch: 3 }, { step: 4 }].map((at) => draw([drawing('a')], at));
  const ofB = drawStep([drawing('b')], place).b;
  expect(new Set([a, ofB, ...others]).size).toBe(5);
});

test('in each step one trick of a group has its turn, the later one as often as its share says', () => {
  const group = [drawing('a', { group: 'g', share: 1 }), drawing('b', { group: 'g', share: 0.3 })];
  const other = drawing('c', { group: 'h', share: 0 });
  const steps = 4000;
  let ofB = 0;
  for (let step = 0; step < steps; step++) {
    const { a, b, c } = drawStep([...group, other], { ...place, step }) as Record<string, number>;
    expect([a! < 0, b! < 0].filter(Boolean)).toHaveLength(1);
    // Alone in its group, it always acts.
    expect(c).toBeGreaterThanOrEqual(0);
    if (b! >= 0) ofB += 1;
  }
  // Five standard errors.
  expect(Math.abs(ofB / steps - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / steps));
});

test('whose turn it is does not change what is drawn', () => {
  const [a, b] = [drawing('a'), drawing('b')];
  const inTurn = [drawing('a', { group: 'g', share: 1 }), drawing('b', { group: 'g', share: 0.5 })];
  for (let step = 0; step < 20; step++) {
    const at = { ...place, step };
    const [alone, turns] = [drawStep([a, b], at), drawStep(inTurn, at)];
    for (const name of ['a', 'b']) expect([-1, alone[name]]).toContain(turns[name]);
  }
});

test('draws of one name in two tricks are an error that names both', () => {
  expect(drawShapes([drawing('a'), { name: 'plain' }, drawing('b')])).toEqual({ a: [], b: [] });
  const other = { ...drawing('a'), name: 'other' };
  expect(() => drawShapes([drawing('a'), other])).toThrow(
    /tricks a and other: expected draws of different names, got 'a' twice/,
  );
});

test('a draw has no name of what a step takes anyway', () => {
  for (const name of ['images', 'labels', 'colors', 'learningRate']) {
    expect(() => drawShapes([drawing(name)])).toThrow(
      `expected draws of other names than images, labels, colors, learningRate, got '${name}'`,
    );
  }
});

test.each([
  [{ a: 0.5 }, 1],
  [{}, 0],
  [{ a: [1, 2, 3] }, 3],
])('draws %o of a trick that declares two numbers are refused, by its name', (given, got) => {
  const trick: NamedParts = { name: 'mine', draws: { shapes: { a: [2] }, draw: () => given } };
  expect(() => drawStep([trick], place)).toThrow(
    `trick mine: expected draws to return 'a' of shape [2], got ${got} numbers`,
  );
});
