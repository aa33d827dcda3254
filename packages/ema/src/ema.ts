import * as tf from '@tensorflow/tfjs-core';
import { type EmaDecayOptions, newShare, resolveDecay } from './decay.ts';

/** Variables by stable name, for example timm's 'layer1.0.conv1.weight'. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

export interface Ema {
  /** The averages by the names of the averaged variables; not trainable. Do not dispose them. */
  readonly averages: NamedVariables;
  /** All state: the averages and `step`, the number of updates made. A graph compiler must treat these as state. */
  readonly variables: NamedVariables;
  /** Moves every average towards its variable. Call it once after each update of the weights. */
  update(): void;
  /** The state under the names of `variables`, as tensors that the caller disposes. */
  getState(): tf.NamedTensorMap;
  /** Restores what `getState` gave; exactly the same names and shapes, else nothing is changed and the error names the difference. */
  setState(state: tf.NamedTensorMap): void;
  /**
   * Calls `f` while the averaged variables have the values of the averages, and gives them their own back, also after an error.
   * `f` is synchronous: evaluate with it, op by op. A compiled evaluation reads the averages instead.
   */
  withAverages<T>(f: () => T): T;
  /** Frees the state. The averaged variables are the caller's. */
  dispose(): void;
}

/** The name of the step count among the state. */
const STEP = 'step';

/**
 * An exponential moving average of a model's variables: weights, and the running statistics of its batch norms.
 *
 * ```
 * average := average + (1 - decay_t) * (variable - average)
 * ```
 *
 * `decay_t` is `emaDecay(step, options)`. `variables` are float32 variables by stable name, trainable or not; the averages begin
 * as copies. The step is counted in a variable and no value is read, so that `update()` compiles and resumes.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-cpu';
 * import { ema } from '@bag-of-tricks/ema';
 *
 * const weight = tf.variable(tf.scalar(0));
 * const average = ema({ weight }, { decay: 0.5 });
 * for (const value of [1, 2, 3]) {
 *   weight.assign(tf.scalar(value)); // a training step
 *   average.update();
 * }
 * average.averages.weight!.print(); // 2.25: a copy of 1, then halfway to 2 and to 3
 * ```
 *
 * Where implementations differ: equal to timm's `ModelEmaV3(model).update(model, step)` with the step counted from 1. timm
 * averages the buffers by default too; its count of batches, an integer, does not exist here.
 *
 * @throws RangeError for an option out of its range, TypeError or Error for what is no float32 variable or a name that is taken.
 */
export function ema(variables: NamedVariables, options: EmaDecayOptions = {}): Ema {
  const decay = resolveDecay('ema', options);
  const sources = Object.entries(variables);
  checkSources(sources);
  const slots = sources.map(([name, source]) => ({
    name,
    source,
    average: tf.tidy(() => tf.variable(source.clone(), false)),
  }));
  const step = tf.tidy(() => tf.variable(tf.scalar(0), false));
  const averages: NamedVariables = Object.fromEntries(
    slots.map(({ name, average }) => [name, average]),
  );
  const state: NamedVariables = { [STEP]: step, ...averages };
  let disposed = false;
  const checkAlive = (caller: string): void => {
    if (disposed) throw new Error(`${caller}: this average was disposed. Make a new one.`);
  };
  return {
    averages,
    variables: state,
    update() {
      checkAlive('update');
      tf.tidy(() => {
        step.assign(tf.add(step, 1));
        const share = newShare(step as tf.Scalar, decay);
        for (const { source, average } of slots) {
          tf.tidy(() => average.assign(tf.add(average, tf.mul(tf.sub(source, average), share))));
        }
      });
    },
    getState() {
      checkAlive('getState');
      return Object.fromEntries(
        Object.entries(state).map(([name, value]) => [name, value.clone()]),
      );
    },
    setState(given) {
      checkAlive('setState');
      checkState(state, given);
      for (const [name, variable] of Object.entries(state)) variable.assign(given[name]!);
    },
    withAverages(f) {
      checkAlive('withAverages');
      const own = slots.map(({ source }) => source.clone());
      try {
        for (const { source, average } of slots) source.assign(average);
        return f();
      } finally {
        for (const [i, { source }] of slots.entries()) source.assign(own[i]!);
        tf.dispose(own);
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      tf.dispose(Object.values(state));
    },
  };
}

function checkSources(sources: readonly [string, tf.Variable][]): void {
  if (sources.length === 0) {
    throw new Error('ema: expected at least one variable, got none. Build the model first.');
  }
  for (const [name, source] of sources) {
    if (!(source instanceof tf.Variable) || source.dtype !== 'float32') {
      const got = source instanceof tf.Variable ? source.dtype : String(source);
      throw new TypeError(
        `ema: expected '${name}' to be a float32 tf.Variable, got ${got}. Leave it out or cast it.`,
      );
    }
    if (name === STEP) {
      throw new Error(
        `ema: the name '${STEP}' is that of the count of updates. Rename the variable.`,
      );
    }
  }
}

/** Throws unless `given` holds exactly one float32 tensor of the right shape for each variable. */
function checkState(state: NamedVariables, given: tf.NamedTensorMap): void {
  const missing = Object.keys(state).find((name) => !Object.hasOwn(given, name));
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(state, name));
  if (missing !== undefined || unknown !== undefined) {
    throw new Error(
      `setState: expected exactly the step and this model's ${Object.keys(state).length - 1} averages; ` +
        `missing: ${missing ?? 'none'}; unknown: ${unknown ?? 'none'}. Was the state saved for another model?`,
    );
  }
  for (const [name, { shape }] of Object.entries(state)) {
    const tensor = given[name]!;
    if (tensor.dtype !== 'float32' || !tf.util.arraysEqual(tensor.shape, shape)) {
      throw new Error(
        `setState: expected '${name}' to be float32 of shape [${shape}], got ${tensor.dtype} of shape [${tensor.shape}]. ` +
          'Was the state saved for another model?',
      );
    }
  }
}
