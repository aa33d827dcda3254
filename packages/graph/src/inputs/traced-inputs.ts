import type * as tf from '@tensorflow/tfjs-core';
import type { InputSpec } from './input-spec.ts';
import type { InputValue } from './input-values.ts';

/** The inputs of a compiled function, by name. */
export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** The tensors that `fn` is called with; uint8 inputs come as int32. */
export type TracedInputs<I extends InputSpecs> = {
  readonly [K in keyof I]: tf.Tensor<RankOf<I[K]['shape']>>;
};

/** What `run` takes. */
export type InputValues<I extends InputSpecs> = { readonly [K in keyof I]: InputValue };

type RankOf<S extends readonly unknown[]> = S extends readonly []
  ? tf.Rank.R0
  : S extends readonly [unknown]
    ? tf.Rank.R1
    : S extends readonly [unknown, unknown]
      ? tf.Rank.R2
      : S extends readonly [unknown, unknown, unknown]
        ? tf.Rank.R3
        : S extends readonly [unknown, unknown, unknown, unknown]
          ? tf.Rank.R4
          : tf.Rank;
