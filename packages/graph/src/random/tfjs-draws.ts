import * as tf from '@tensorflow/tfjs-core';
import { bakingOp, isKeyed } from '../trace/random-guard.ts';
import type { Distribution, Draw } from './draw.ts';

/** An object of tfjs-core's classes UniformRandom and MPRandGauss. */
interface Generator {
  readonly min: number;
  readonly range?: number;
  readonly mean: number;
  readonly stdDev: number;
  readonly truncated: boolean;
}

/** Makes a tensor of random numbers; `make` is how the engine makes one of values. */
type MakeDrawn = (request: Draw, make: ReturnType<typeof tf.engine>['makeTensor']) => tf.Tensor;

/** tfjs's ops that the others, such as dropout, draw by. */
const drawingOps = new Set(['randomNormal__op', 'randomUniform__op', 'truncatedNormal__op']);
/** What `Math.random` returns to an op that asks for a seed: never read. */
const unusedSeed = 0.5;

let generators: readonly object[] | undefined;

/**
 * Runs `action` while `draw` makes the tensors of tfjs's random ops.
 *
 * Those ops are loops of JavaScript inside of tfjs-core: a buffer is made, a generator is seeded and asked for each
 * element, and the buffer becomes a tensor. Nothing of it can be replaced from outside, so each step is caught where
 * it shows: the buffer gets no elements, so that the loop ends at once; the generator tells its parameters when its
 * `random` is set; and the engine's `makeTensor` makes the tensor that `draw` returns.
 */
export function withDraws<T>(draw: MakeDrawn, action: () => T): T {
  const engine = tf.engine();
  const isDrawing = () => drawingOps.has(engine.state.activeScope?.name);
  let isSeeded = true;
  let pending: Pick<Draw, 'distribution' | 'seed'> | undefined;

  const { random } = Math;
  const randomOrSeed = () => {
    if (!isDrawing()) return random();
    isSeeded = false;
    return unusedSeed;
  };
  const setSize = function (this: object, size: number) {
    define(this, 'size', isDrawing() ? 0 : size);
  };
  const setRandom = function (this: Generator, next: () => number) {
    define(this, 'random', next);
    if (!isDrawing()) return;
    pending = { distribution: distributionOf(this), seed: isSeeded ? [next(), next()] : [] };
    isSeeded = true;
  };
  const { makeTensor } = engine;
  const makeOrDraw: typeof makeTensor = (values, shape, dtype, backend) => {
    const op = bakingOp();
    if (op === undefined) return makeTensor.call(engine, values, shape, dtype, backend);
    const request = pending;
    pending = undefined;
    if (request === undefined) throw notKeyed(op);
    const asked = { ...request, op, shape: [...shape], dtype: dtype ?? 'float32' };
    return draw(asked, makeTensor.bind(engine));
  };

  generators ??= [
    prototypeOf(() => tf.randomUniform([1], 0, 1, 'float32', 1)),
    prototypeOf(() => tf.randomNormal([1], 0, 1, 'float32', 1)),
  ];
  const undo = [
    replace(Math, 'random', { value: randomOrSeed, writable: true }),
    replace(engine, 'makeTensor', { value: makeOrDraw, writable: true }),
    replace(tf.TensorBuffer.prototype, 'size', { set: setSize }),
    ...generators.map((prototype) => replace(prototype, 'random', { set: setRandom })),
  ];
  try {
    return action();
  } finally {
    for (const restore of undo) restore();
  }
}

function distributionOf({ min, range, mean, stdDev, truncated }: Generator): Distribution {
  if (range !== undefined) return { kind: 'uniform', min, range };
  return { kind: truncated ? 'truncatedNormal' : 'normal', mean, stdDev };
}

/** The prototype of the generator that an op makes, which tfjs-core does not export; the op is broken off there. */
function prototypeOf(op: () => unknown): object {
  let found: object | undefined;
  const restore = replace(Object.prototype, 'random', {
    set(this: object) {
      found = Object.getPrototypeOf(this) as object;
      throw new Error('found');
    },
  });
  try {
    op();
  } catch (error) {
    if (found === undefined) throw error;
  } finally {
    restore();
  }
  if (found !== undefined) return found;
  throw new Error(
    `withRandom: expected @tensorflow/tfjs-core to draw as version 4.22 does, got ${tf.version_core}. Use that version.`,
  );
}

/** Defines a property, and returns what puts the old one back. */
function replace(target: object, key: string, descriptor: PropertyDescriptor): () => void {
  const old = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, { ...descriptor, configurable: true });
  return () => {
    if (old === undefined) Reflect.deleteProperty(target, key);
    else Object.defineProperty(target, key, old);
  };
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function notKeyed(op: string): Error {
  return new Error(
    `withRandom: expected fn to draw by tf.dropout, tf.randomUniform, tf.randomNormal, tf.truncatedNormal or what is made of them, got a call of tf.${op}` +
      (isKeyed(op)
        ? ' of another copy of @tensorflow/tfjs-core. Install one version, once.'
        : ', whose numbers have no key. Draw them outside of fn.'),
  );
}
