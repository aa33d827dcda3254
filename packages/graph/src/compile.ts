import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { startServer } from '@bag-of-tricks/libtensorflow/native';
import type * as tf from '@tensorflow/tfjs-core';
import { CompiledFunction, type SharedState } from './compiled-function.ts';
import { resolveInputs } from './inputs/input-spec.ts';
import type { InputSpecs, InputValues, TracedInputs } from './inputs/traced-inputs.ts';
import type { TracedResult } from './outputs/results.ts';
import { Program } from './program.ts';
import { checkRandom, type RandomOptions, withRandom } from './random/with-random.ts';
import { encodeSessionOptions, type SessionOptions } from './session-options.ts';
import { allowXla, warnIfWithoutXla } from './xla.ts';

export interface CompileOptions<I extends InputSpecs> {
  /** Everything that differs from run to run: data, learning rate, mixing weights, masks. */
  readonly inputs: I;
  /** Variables that are state even if `fn` does not touch them; those that it reads or assigns are found. */
  readonly variables?: readonly tf.Variable[];
  /** A compiled function whose graph, session and variables this one shares, such as the training step for evaluation. */
  readonly shareStateWith?: SharedState;
  /** Where `tf.dropout`, `tf.randomUniform` and their kin draw from, as with `withRandom`. Default: they are errors. */
  readonly random?: RandomOptions;
  /** How TensorFlow runs the graph; not together with `shareStateWith`. */
  readonly session?: SessionOptions;
  /** The largest constant that `fn` may capture or make of JavaScript values, in bytes. Default: 1 MiB. */
  readonly maxConstantBytes?: number;
}

/**
 * Compiles a TensorFlow.js function, such as a whole training step, to one native TensorFlow graph.
 *
 * `fn` is called once for each set of input shapes, synchronously and with symbols in place of values.
 * The inputs are placeholders; every tf.Variable that `fn` reads, assigns or makes is state, which begins
 * with the value that it has then; other tensors and all JavaScript values are constants. Where all sizes are
 * known, `fn` is traced here; sizes that are `null` are traced at the first run that has them.
 *
 * @example
 * ```ts
 * import { compile } from '@bag-of-tricks/graph';
 * import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerTensorFlowBackend();
 * const weight = tf.variable(tf.scalar(0));
 * const step = await compile(
 *   ({ x, rate }) => {
 *     const { value, grads } = tf.variableGrads(() => tf.mean<tf.Scalar>(tf.square(tf.sub(x, weight))));
 *     weight.assign(tf.sub(weight, tf.mul(grads[weight.name]!, rate)));
 *     return { loss: value };
 *   },
 *   { inputs: { x: { shape: [3] }, rate: { shape: [] } } },
 * );
 * const { loss } = await step.run({ x: [1, 2, 3], rate: 0.1 });
 * ```
 *
 * @throws Error - naming the call and the remedy, if `fn` does what a graph cannot: reads a value, draws random
 * numbers in JavaScript (without `random`), is asynchronous, captures a tensor of another backend or one that is too large; TypeError or
 * RangeError for options out of range; and what `registerTensorFlowBackend` throws, where no backend is registered.
 */
export async function compile<const I extends InputSpecs, T extends TracedResult>(
  fn: (inputs: TracedInputs<I>) => T,
  {
    inputs,
    variables = [],
    shareStateWith,
    random,
    session,
    maxConstantBytes = 2 ** 20,
  }: CompileOptions<I>,
): Promise<CompiledFunction<InputValues<I>, T>> {
  const resolved = resolveInputs(inputs);
  if (!Array.isArray(variables)) {
    throw new TypeError(
      `compile: expected variables to be an array of tf.Variable, got ${typeof variables}. Pass Object.values(...) of an object.`,
    );
  }
  if (shareStateWith !== undefined && session !== undefined) {
    throw new TypeError(
      'compile: expected either shareStateWith or session, got both. The session is that of the function whose state is shared.',
    );
  }
  if (random !== undefined) checkRandom('compile', random);
  const program =
    shareStateWith === undefined
      ? await newProgram(session)
      : CompiledFunction.programOf(shareStateWith);
  const compiled = new CompiledFunction<InputValues<I>, T>(program, {
    fn: (random === undefined
      ? fn
      : (values: TracedInputs<I>) => withRandom(random, () => fn(values))) as (
      inputs: never,
    ) => TracedResult,
    inputs: resolved,
    variables,
    maxConstantBytes,
  });
  const shapes = resolved.map(({ shape }) => shape);
  if (shapes.flat().every((size) => size !== null)) {
    try {
      await compiled.trace(shapes as number[][]);
    } catch (error) {
      await compiled.dispose();
      throw error;
    }
  }
  return compiled;
}

async function newProgram(session: SessionOptions = {}): Promise<Program> {
  const config = encodeSessionOptions(session);
  if (session.xla) allowXla();
  const backend = await registerTensorFlowBackend();
  if (session.xla) warnIfWithoutXla(backend.devices);
  const server = session.cluster && (await startServer(backend.api, session.cluster));
  return new Program(backend, config, server);
}
