import {
  bindingConstants,
  createTensor,
  DataType,
  type GraphOutput,
  type OpAttribute,
  type Pointer,
  shapeAttribute,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type { Program } from '../program.ts';
import type { ResolvedInput } from './input-spec.ts';
import { type FedInput, freeInputs } from './input-values.ts';

/** Of all stages of the process, whose servers may share what they hold. */
let keys = 0;

/** Where values of an input wait on the device until the run that takes them, each under a key (`MapStage`): a session itself is fed from host memory. */
export class Stage {
  readonly #program: Program;
  readonly #attributes: readonly OpAttribute[];
  readonly #feed: GraphOutput;
  readonly #key: GraphOutput;
  readonly #put: Pointer;
  readonly #clear: Pointer;
  readonly #going = new Set<Promise<void>>();

  constructor(program: Program, { name, nativeType }: ResolvedInput) {
    this.#program = program;
    const { builder } = program;
    const { TF_ATTR_STRING, TF_ATTR_TYPE } = bindingConstants;
    this.#attributes = [
      { name: 'dtypes', type: TF_ATTR_TYPE, value: [nativeType] },
      { name: 'shared_name', type: TF_ATTR_STRING, value: `stage/${name}#${keys++}` },
    ];
    this.#feed = this.#placeholder(`stage/${name}/feed`, nativeType);
    this.#key = this.#placeholder(`stage/${name}/key`, DataType.INT64);
    const attributes = this.#attributes;
    this.#put = builder.node('MapStage', {
      ...{ name: `stage/${name}/put`, attributes },
      inputs: [this.#key, this.#index(), this.#feed],
    });
    this.#clear = builder.node('MapClear', { name: `stage/${name}/clear`, attributes });
  }

  /** Begins to bring a value to the device; what it returns is fed in place of it, once it is there. */
  send(value: FedInput): FedInput {
    const { api } = this.#program;
    const number = keys++;
    const key = () => {
      const tensor = createTensor(api, DataType.INT64, [], [number]);
      return { tensor, shape: [], isOurs: true };
    };
    // With a key of its own: whoever is to take the value may free theirs before it is there.
    const put = [value, key()];
    const request = {
      feeds: [this.#feed, this.#key],
      values: put.map(({ tensor }) => tensor),
      targets: [this.#put],
    };
    const arrived = this.#program
      .run(request)
      .then(() => {})
      .finally(() => {
        freeInputs(api, put);
        this.#going.delete(arrived);
      });
    this.#going.add(arrived);
    // Whoever takes it hears of an error.
    arrived.catch(() => {});
    return { ...key(), shape: value.shape, arrived };
  }

  /** Takes a value of this shape from the device, by the key that is fed. */
  take(shape: readonly number[]): { readonly feed: GraphOutput; readonly value: GraphOutput } {
    const { builder } = this.#program;
    const feed = this.#placeholder('stage/taken', DataType.INT64, []);
    const taken = builder.node('MapUnstage', {
      inputs: [feed, this.#index()],
      attributes: this.#attributes,
    });
    // TensorFlow's optimiser knows the shape by that alone.
    const sizes = builder.constant(DataType.INT32, [shape.length], shape);
    const value = builder.node('Reshape', { inputs: [{ oper: taken, index: 0 }, sizes] });
    return { feed, value: { oper: value, index: 0 } };
  }

  /** Frees what nobody has taken; call it when no run is to take any more, for one whose value is gone waits for ever. */
  async clear(): Promise<void> {
    await Promise.allSettled(this.#going);
    // A session that cannot run any more, as after an error of the device, said so before.
    await this.#program.run({ targets: [this.#clear] }).catch(() => {});
  }

  #index(): GraphOutput {
    return this.#program.builder.constant(DataType.INT32, [1], [0]);
  }

  #placeholder(name: string, dtype: number, shape?: readonly number[]): GraphOutput {
    const attributes = [
      typeAttribute('dtype', dtype),
      ...(shape ? [shapeAttribute('shape', shape)] : []),
    ];
    return { oper: this.#program.builder.node('Placeholder', { name, attributes }), index: 0 };
  }
}
