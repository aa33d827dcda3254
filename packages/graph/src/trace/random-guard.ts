import * as tf from '@tensorflow/tfjs-core';

/** The ops of tfjs-core that draw numbers in JavaScript, where a graph would repeat them for ever. */
const randomOps = new Set([
  'dropout',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

/** tfjs-core draws a seed in JavaScript for this op, whose numbers TensorFlow draws anew at each run. */
const nativeRandomOp = 'multinomial';

/** The ops of tfjs-core that are running, outermost first. */
function runningOps(): string[] {
  return tf.engine().state.scopeStack.map(({ name }) => name.replace(/__op$/, ''));
}

/** Throws if a random op of tfjs is running: called when a tensor is made of JavaScript values. */
export function refuseBakedRandomness(): void {
  const op = runningOps().find((name) => randomOps.has(name));
  if (op !== undefined) throw bakedRandomness(`tf.${op}`);
}

/** Runs `trace` while `Math.random` throws. */
export function withRandomGuard<T>(trace: () => T): T {
  const { random } = Math;
  Math.random = () => {
    const ops = runningOps();
    if (ops.includes(nativeRandomOp)) return random();
    const op = ops.find((name) => randomOps.has(name));
    throw bakedRandomness(op === undefined ? 'Math.random' : `tf.${op}`);
  };
  try {
    return trace();
  } finally {
    Math.random = random;
  }
}

function bakedRandomness(call: string): Error {
  return new Error(
    `compile: expected fn to draw no random numbers in JavaScript, got a call of ${call}. ` +
      'They would be drawn once and then be the same at every run: draw them outside of fn and pass them as an input.',
  );
}
