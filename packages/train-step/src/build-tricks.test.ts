import { expect, test } from 'vitest';
import { trickParts } from '../../test/trick-parts.ts';
import { parseConfig } from '../config/parse.ts';
import type { TrainConfigInput } from '../config/schema.ts';
import { ConfigError, DivergenceError } from '../errors.ts';
import {
  buildTricks,
  compose,
  type DrawFor,
  drawShapes,
  drawStep,
  epochData,
  type NamedParts,
} from './parts.ts';
import { configure, defineTrick, type TrickParts } from './trick.ts';

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

test('a stage is wrapped by one trick after the other, the first one innermost', () => {
  const noting = (name: string): TrickParts => ({
    evaluate: (inner) => (batch) => [name, ...(inner(batch) as never as string[])] as never,
  });
  const stage = compose(
    'evaluate',
    [noting('first'), {}, noting('second')],
    () => ['core'] as never,
  );
  expect(stage({} as never)).toEqual(['second', 'first', 'core']);
});

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

test("switching one of our tricks off leaves the others' draws alone", async () => {
  const draws = async (changes: TrainConfigInput) =>
    drawStep(
      await trickParts(parseConfig({ dataset: 'synthetic', mixup: { alpha: 1 }, ...changes })),
      place,
    );
  const { lambda } = await draws({});
  expect(lambda).toBeGreaterThan(0);
  const augmented = {
    labelSmoothing: false,
    gradientClipping: true,
    gradientAccumulation: { steps: 2 },
  };
  expect(await draws(augmented)).toEqual({ lambda });
  const both = await draws({ cutmix: { share: 0 } });
  expect(both).toEqual({ lambda, box: [0, 0, 0, 0] });
  const { box } = await draws({ mixup: null, cutmix: { share: 0 } });
  expect(await draws({ cutmix: { share: 1 } })).toEqual({ lambda: 1, box });
  expect(box).not.toEqual([0, 0, 0, 0]);
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

/** Builds a trick of each of the given parts: a, b, ... */
const build = (...parts: TrickParts[]) =>
  buildTricks(
    parts.map((one, i) => {
      const name = 'abc'[i]!;
      return configure({ name, description: name, settings: {}, build: () => one });
    }),
    {} as never,
  );

test('columns and weights of two tricks, or of a trick and of every run, are told apart', async () => {
  const column = (names: { jsonl?: string; csv?: string }) => ({
    columns: [{ value: 'x', ...names }],
  });
  const weights = (name: string) => ({ weights: { name, exchange() {} } });
  for (const key of ['jsonl', 'csv'] as const) {
    await expect(build(column({ [key]: 'x' }), column({ [key]: 'x' }))).rejects.toThrow(
      /tricks a and b: expected columns of .* got 'x' twice/,
    );
    await expect(build(column({ [key]: 'epoch' }))).rejects.toThrow(/trick a: .* got 'epoch'/);
  }
  await expect(build(weights('ema'), column({ csv: 'ema_top1' }))).rejects.toThrow(/'ema_top1'/);
  await expect(build(weights('w'), weights('w'))).rejects.toThrow(
    /tricks a and b: expected weights of different names, got 'w' twice/,
  );
  expect(await build(weights('v'), weights('w'), column({ csv: 'x', jsonl: 'x' }))).toHaveLength(3);
});

test('a part of an unknown name is refused, and what the trick holds is freed', async () => {
  let freed = 0;
  const parts = { gradient: () => {}, dispose: () => void freed++ };
  await expect(build({}, parts as TrickParts)).rejects.toThrow(
    "trick b: unknown part 'gradient' in what `build` returns. Did you mean 'gradients'?",
  );
  expect(freed).toBe(1);
});

test('weights are exchanged, and numbers drawn, as methods of their object', async () => {
  const weights = {
    name: 'w',
    times: 0,
    exchange() {
      this.times += 1;
    },
  };
  const draws = {
    shapes: { n: [] },
    n: 3,
    draw() {
      return { n: this.n };
    },
  };
  const built = await build({ weights, draws });
  const { exchange } = built[0]!.weights!;
  exchange();
  expect(weights.times).toBe(1);
  expect(drawStep(built, place)).toEqual({ n: 3 });
});

test('what a trick throws names it, with the cause; errors for the user stay what they are', async () => {
  const fail = () => {
    throw new TypeError('no such tensor');
  };
  const message = 'trick a: no such tensor';
  const failing = configure({ name: 'a', description: 'a', settings: {}, build: fail });
  await expect(buildTricks([failing], {} as never)).rejects.toMatchObject({
    ...{ message, cause: expect.any(TypeError) },
  });
  const draws = { shapes: {}, draw: fail };
  const [a] = await build({ draws, afterStep: fail, evaluate: () => fail, loss: () => () => fail });
  expect(() => drawStep([a!], place)).toThrow(message);
  expect(() => a!.afterStep!({}, 1)).toThrow(message);
  expect(() => a!.evaluate!(() => ({}) as never)({} as never)).toThrow(message);
  expect(() => a!.loss!(() => fail)({} as never, {} as never)()).toThrow(message);
  for (const error of [new ConfigError('x'), new DivergenceError('x')]) {
    const [b] = await build({
      afterStep() {
        throw error;
      },
    });
    expect(() => b!.afterStep!({}, 1)).toThrow(error);
  }
});

test('an error from inside of a stage is blamed on no trick around it', async () => {
  const built = await build(
    { evaluate: (inner) => (batch) => inner(batch) },
    {
      evaluate: (inner) => (batch) => {
        if (batch.labels === null) throw new Error('its own');
        return inner(batch);
      },
    },
    { evaluate: (inner) => (batch) => inner(batch) },
  );
  const stage = compose('evaluate', built, () => {
    throw new Error('the core');
  });
  expect(() => stage({} as never)).toThrow(/^the core$/);
  expect(() => stage({ labels: null } as never)).toThrow(/^trick b: its own$/);
});

test('a wrapper that returns nothing is an error', async () => {
  const [a] = await build({ gradients: (() => {}) as never, step: (() => () => {}) as never });
  expect(() => a!.gradients!({} as never)).toThrow(
    'trick a: `gradients`: expected a function around the stage, got undefined. Return it',
  );
  expect(() => a!.step!({} as never)({} as never, {} as never)).toThrow(
    'trick a: `step`: expected what the stage returns, got undefined. Return it',
  );
});

test("an epoch's images are changed by one trick after the other; of two sizes the later one's is taken", () => {
  const [one, two, three] = [() => 1, () => 2, () => 3] as never[];
  const tricks: TrickParts[] = [
    { data: () => ({ augment: [one!], imageSize: 8 }) },
    { data: (epoch) => ({ imageSize: 16 + epoch, augment: [two!, three!] }) },
    {},
  ];
  expect(epochData(tricks, 4)).toEqual({ imageSize: 20, augment: [one, two, three] });
  expect(epochData([], 0)).toEqual({ augment: [] });
});

test('when a trick cannot be built, those before it are freed again', async () => {
  const freed: string[] = [];
  const definition = (name: string, fails = false) =>
    configure(
      defineTrick({
        ...{ name, description: name, settings: {} },
        build() {
          if (fails) throw new Error('no such file');
          return { dispose: () => void freed.push(name) };
        },
      }).definition,
    );
  const configured = [definition('a'), definition('b'), definition('c', true), definition('d')];
  await expect(buildTricks(configured, {} as never)).rejects.toThrow('no such file');
  expect(freed).toEqual(['a', 'b']);
});
