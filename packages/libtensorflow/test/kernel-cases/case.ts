import type * as tf from '@tensorflow/tfjs-core';

/** Calls an op of tfjs with inputs of a type; what has one fixed type takes no argument. */
export type Computation = (dtype: tf.DataType) => tf.Tensor | tf.Tensor[];
/** The computations that reach a kernel, each under a name. */
export type KernelCases = Record<string, Record<string, Computation>>;
