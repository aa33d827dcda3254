import { expect, test } from 'vitest';
import { buildTricks, epochData } from './build-tricks.ts';
import { drawStep } from './draws.ts';
import { ConfigError, DivergenceError } from './errors.ts';
import type { TrickParts } from './parts.ts';
import { compose } from './stages.ts';
import { defineTrick } from './trick.ts';

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

const place = { epoch: 2, epochs: 5, imageShape: [8, 8, 1], seed: 7, step: 3 } as const;

/** Builds a trick of each of the given parts: a, b, ... */
const build = (...parts: TrickParts[]) =>
  buildTricks(
    parts.map((one, i) => {
      const name = 'abc'[i]!;
      return defineTrick({ name, description: name, settings: {}, build: () => one })();
    }),
    {} as never,
  );

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
  const failing = defineTrick({ name: 'a', description: 'a', settings: {}, build: fail })();
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

test.each(['check', 'resolve', 'network', 'parameterGroups', 'schedule', 'build'] as const)(
  'what the `%s` of a definition throws names the trick once',
  async (part) => {
    for (const message of ['no such tensor', 'a: no such tensor', 'trick a: no such tensor']) {
      const definition = {
        ...{ name: 'a', description: 'a', settings: {}, message },
        [part]() {
          throw new Error(this.message);
        },
      };
      const call = defineTrick(definition).definition[part] as unknown as AnyFunction;
      const thrown = part === 'schedule' ? () => call({}, {})(() => {}) : () => call({}, {});
      expect(thrown).toThrow(/^trick a: no such tensor$/);
    }
    const refusing = { ...{ name: 'a', description: 'a', settings: {} }, [part]: refuse };
    const call = defineTrick(refusing).definition[part] as unknown as AnyFunction;
    expect(() => (part === 'schedule' ? call()(() => {}) : call())).toThrow(/^for the user$/);
  },
);

type AnyFunction = (...given: unknown[]) => AnyFunction;

const refuse = () => {
  throw new ConfigError('for the user');
};

test('what a trick returns for later names it too: the schedule, the groups, a promise', async () => {
  const fail = () => {
    throw new Error('later');
  };
  const { definition } = defineTrick({
    ...{ name: 'a', description: 'a', settings: {} },
    parameterGroups: () => fail,
    schedule: () => (inner) => (plan) => (step) => (step > 1 ? fail() : inner(plan)(step)),
    build: () => Promise.reject(new Error('later')),
  });
  const { parameterGroups, schedule, build } = definition;
  expect(() => parameterGroups!({})({}, { weightDecay: 0 })).toThrow(/^trick a: later$/);
  await expect(build!({}, {} as never)).rejects.toThrow(/^trick a: later$/);
  const config = { seed: 1, epochs: 1, batchSize: 1 };
  const rate = schedule!(
    {},
    config,
  )(() => (step) => {
    if (step === 1) throw new Error('of another');
    return 0.5;
  })({ peak: 1, steps: 4, before: 0, stepsPerEpoch: 4, processes: 1 });
  expect(rate(0)).toBe(0.5);
  expect(() => rate(1)).toThrow(/^of another$/);
  expect(() => rate(2)).toThrow(/^trick a: later$/);
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
  expect(epochData([...tricks, { data: () => ({ imageSize: undefined }) }], 4).imageSize).toBe(20);
  expect(epochData([], 0)).toEqual({ augment: [] });
});

test('when a trick cannot be built, those before it are freed again', async () => {
  const freed: string[] = [];
  const definition = (name: string, fails = false) =>
    defineTrick({
      ...{ name, description: name, settings: {} },
      build() {
        if (fails) throw new Error('no such file');
        return { dispose: () => void freed.push(name) };
      },
    })();
  const configured = [definition('a'), definition('b'), definition('c', true), definition('d')];
  await expect(buildTricks(configured, {} as never)).rejects.toThrow('no such file');
  expect(freed).toEqual(['a', 'b']);
});
