import type { Binding, OpAttribute, TensorValues } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { cast } from './cast.ts';
import { FLOAT } from './low-precision.ts';

/** Images [batch, size, size, channels] under a 3x3 filter that keeps the channels. */
export interface TrialShape {
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
}

const INT32 = 3;

/** A convolution and its two gradients, straight on a binding, in float32 and in a type that its operands are rounded to. */
export class ConvolutionTrial {
  readonly #binding: Binding;
  readonly #type: number;
  readonly #owned: number[] = [];
  readonly #shapes: readonly number[];
  /** The image, the filter and the gradient of the output, in each type. */
  readonly #operands: Readonly<Record<number, readonly number[]>>;

  constructor(binding: Binding, { batch, size, channels }: TrialShape, type: number) {
    this.#binding = binding;
    this.#type = type;
    const image = [batch, size, size, channels];
    const filter = [3, 3, channels, channels];
    const low = [image, filter, image].map((shape, seed) => {
      const values = this.#own(binding.createTensor(shape, FLOAT, noise(shape, seed)));
      return this.#own(cast(binding, values, FLOAT, type));
    });
    this.#operands = {
      [type]: low,
      [FLOAT]: low.map((id) => this.#own(cast(binding, id, type, FLOAT))),
    };
    this.#shapes = [image, filter].map((shape) =>
      this.#own(binding.createTensor([4], INT32, Int32Array.from(shape))),
    );
  }

  /**
   * The largest error of the three results in the low type to those in float32, relative, in the 2-norm.
   *
   * @throws Error where a kernel fails or computes in another type.
   */
  error(): number {
    const results = this.#results(this.#type).map((id) => this.#read(id, this.#type));
    const exact = this.#results(FLOAT).map((id) => this.#read(id, FLOAT));
    return Math.max(...results.map((values, i) => relativeError(values, exact[i]!)));
  }

  /** The milliseconds of all three in the low type and in float32: each the least of some rounds by turns. */
  times(): readonly [low: number, float32: number] {
    const types = [this.#type, FLOAT] as const;
    const round = () => types.map((type) => this.#milliseconds(type)) as [number, number];
    round();
    let least = round();
    // Where the low type seems slower, other processes may be why; not where it takes many times as long in every round.
    const enough = ([low, float32]: readonly [number, number]) =>
      low <= float32 || low > 4 * float32 ? 5 : 30;
    for (let i = 1; i < enough(least); i++) {
      const next = round();
      least = [Math.min(least[0], next[0]), Math.min(least[1], next[1])];
    }
    return least;
  }

  dispose(): void {
    for (const id of this.#owned) this.#binding.deleteTensor(id);
    this.#owned.length = 0;
  }

  #milliseconds(type: number): number {
    const start = tf.util.now();
    this.#results(type);
    return tf.util.now() - start;
  }

  #results(type: number): number[] {
    const [x, w, dy] = this.#operands[type] as [number, number, number];
    const [image, filter] = this.#shapes as [number, number];
    return [
      this.#execute('Conv2D', [x, w], type),
      this.#execute('Conv2DBackpropInput', [image, w, dy], type),
      this.#execute('Conv2DBackpropFilter', [x, filter, dy], type),
    ];
  }

  #execute(name: string, inputs: readonly number[], type: number): number {
    const binding = this.#binding;
    const attributes: OpAttribute[] = [
      { name: 'T', type: binding.TF_ATTR_TYPE, value: type },
      { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
      { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
    ];
    const [output] = binding.executeOp(name, attributes, inputs, 1);
    this.#own(output!.id);
    if (output!.dtype === type) return output!.id;
    throw new Error(`${name}: expected type ${type}, got type ${output!.dtype}.`);
  }

  #read(id: number, type: number): TensorValues {
    const wide = type === FLOAT ? id : this.#own(cast(this.#binding, id, type, FLOAT));
    return this.#binding.tensorDataSync(wide);
  }

  #own(id: number): number {
    this.#owned.push(id);
    return id;
  }
}

/** Values in -1..1, the same everywhere: a sine of growing steps, which no sum of neighbours cancels. */
function noise(shape: readonly number[], seed: number): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) ** 1.5 + seed));
}

function relativeError(values: TensorValues, exact: TensorValues): number {
  let [difference, scale] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    difference += (Number(values[i]) - Number(exact[i])) ** 2;
    scale += Number(exact[i]) ** 2;
  }
  return Math.sqrt(difference / scale);
}
