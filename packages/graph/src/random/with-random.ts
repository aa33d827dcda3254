import * as tf from '@tensorflow/tfjs-core';
import { requireNodeBackend } from '../trace/node-backend.ts';
import { HostDraws } from './host-draws.ts';
import { KeyedDraws } from './keyed-draws.ts';
import { withDraws } from './tfjs-draws.ts';

/** Where the random numbers of a function come from. */
export interface RandomOptions {
  /** An integer; another one gives other numbers. */
  readonly seed: number;
  /** The number of the run: an int32 scalar, which each run that draws raises by one. Keep it in the checkpoint. */
  readonly step: tf.Variable;
}

/**
 * Runs a function whose random numbers depend on a seed and a step alone: eagerly, or while `compile` traces it.
 *
 * ```
 * numbers = philox(key = (seed, place, the op's own seed), step),   step := step + 1
 * ```
 *
 * `tf.dropout`, `tf.randomUniform`, `tf.randomUniformInt`, `tf.randomNormal`, `tf.randomStandardNormal` and
 * `tf.truncatedNormal`, with the layers made of them (dropout, spatialDropout1d, gaussianNoise, gaussianDropout,
 * alphaDropout, the dropout of recurrent layers), become TensorFlow's stateless random ops. `place` counts the
 * tensors drawn in this call, from zero. An op's own seed joins the key: it does not repeat numbers at another place
 * or step. `compile` with the option `random` does the same in a graph and draws the same numbers, bit for bit.
 * On other backends than `tensorflow` the numbers are drawn in JavaScript, by the same key, and are others.
 * In a nested call the inner seed and step are used. `step` stays as it is if nothing is drawn, or if `fn` throws.
 *
 * @example
 * ```ts
 * import { withRandom } from '@bag-of-tricks/graph';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerTensorFlowBackend();
 * const step = tf.variable(tf.scalar(0, 'int32'), false, 'random/step');
 * const draw = () => withRandom({ seed: 1, step }, () => tf.randomUniform([3]));
 * const [first, second] = [draw(), draw()];
 * step.assign(tf.scalar(0, 'int32'));
 * console.log(first.equal(draw()).dataSync(), first.equal(second).dataSync()); // all 1, all 0
 * ```
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", as TensorFlow implements it.
 *
 * @throws TypeError - for another seed or step, or a `fn` that returns a promise; Error - if `fn`
 * calls a random op that has no key: `tf.rand`, `tf.randomGamma`.
 */
export function withRandom<T>(options: RandomOptions, fn: () => T): T {
  const { seed, step } = checkRandom('withRandom', options);
  if (tf.getBackend() !== 'tensorflow') return onHost(options, fn);
  const draws = new KeyedDraws(requireNodeBackend('withRandom'), seed, step);
  try {
    const result = withDraws((request) => draws.draw(request), fn);
    requireSynchronous(result);
    if (draws.count > 0) {
      tf.tidy(() => step.assign(tf.add(step, tf.scalar(1, 'int32'))));
    }
    return result;
  } finally {
    draws.dispose();
  }
}

function onHost<T>({ seed, step }: RandomOptions, fn: () => T): T {
  const [at] = step.dataSync<'int32'>() as Int32Array;
  const draws = new HostDraws(seed, at!);
  const result = withDraws((request, make) => draws.draw(request, make), fn);
  requireSynchronous(result);
  // Of a value in memory: what a GPU has added could not be read at once on every backend.
  if (draws.count > 0) tf.tidy(() => step.assign(tf.scalar(at! + 1, 'int32')));
  return result;
}

/** @throws TypeError - if the seed is no integer, or the step no int32 scalar variable. */
export function checkRandom(caller: string, options: RandomOptions): RandomOptions {
  const { seed, step } = options;
  if (!Number.isSafeInteger(seed)) {
    throw new TypeError(`${caller}: expected random.seed to be an integer, got ${seed}.`);
  }
  const isVariable = step instanceof tf.Variable;
  if (!isVariable || step.isDisposed || step.dtype !== 'int32' || step.rank !== 0) {
    const got = isVariable
      ? `${step.isDisposed ? 'a disposed' : `a ${step.dtype}`} one of shape [${step.shape}]`
      : typeof step;
    throw new TypeError(
      `${caller}: expected random.step to be a scalar int32 tf.Variable, got ${got}. Make it by tf.variable(tf.scalar(0, 'int32'), false).`,
    );
  }
  return options;
}

function requireSynchronous(result: unknown): void {
  const { then } = (result ?? {}) as Partial<PromiseLike<unknown>>;
  if (typeof then !== 'function') return;
  // Its own errors come after ours, when nobody listens.
  then.call(result as PromiseLike<unknown>, undefined, () => {});
  throw new TypeError(
    'withRandom: expected fn to be synchronous, got a promise. Await outside of fn.',
  );
}
