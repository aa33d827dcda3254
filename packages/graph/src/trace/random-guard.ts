import * as tf from '@tensorflow/tfjs-core';

/** The ops of tfjs-core that draw numbers in JavaScript, where a graph would repeat them for ever. */
const bakingOps = new Set([
  'rand',
  'randomGamma',
  'randomNormal',
  'randomUniform',
  'truncatedNormal',
]);

/** Those that call them. */
const callers = new Set(['dropout', 'randomStandardNormal', 'randomUniformInt']);

/** Whether the option `random` replaces an op. */
export function isKeyed(op: string): boolean {
  return !['rand', 'randomGamma', 'Math.random'].includes(op);
}

/** tfjs-core draws a seed in JavaScript for this op, whose numbers TensorFlow draws anew at each run. */
const nativeRandomOp = 'multinomial';

/** The ops of tfjs-core that are running, outermost first. */
function runningOps(): string[] {
  return tf.engine().state.scopeStack.map(({ name }) => name.replace(/__op$/, ''));
}

/** The random op of tfjs that is running, if one is: the outermost, which is the user's. */
export function bakingOp(): string | undefined {
  const ops = runningOps();
  if (!ops.some((name) => bakingOps.has(name))) return undefined;
  return ops.find((name) => bakingOps.has(name) || callers.has(name));
}

/** Throws if a random op of tfjs is running: called when a tensor is made of JavaScript values. */
export function refuseBakedRandomness(): void {
  const op = bakingOp();
  if (op !== undefined) throw bakedRandomness(op);
}

/** Runs `trace` while `Math.random` throws. */
export function withRandomGuard<T>(trace: () => T): T {
  const { random } = Math;
  Math.random = () => {
    if (runningOps().includes(nativeRandomOp)) return random();
    throw bakedRandomness(bakingOp() ?? 'Math.random');
  };
  try {
    return trace();
  } finally {
    Math.random = random;
  }
}

function bakedRandomness(op: string): Error {
  const call = op === 'Math.random' ? op : `tf.${op}`;
  const remedy = isKeyed(op) ? 'pass the option random: { seed, step } to compile, or ' : '';
  return new Error(
    `compile: expected fn to draw no random numbers in JavaScript, got a call of ${call}. ` +
      `They would be drawn once and then be the same at every run: ${remedy}draw them outside of fn and pass them as an input.`,
  );
}
