import {
  type Binding,
  DataType,
  type InputValues,
  type OpAttribute,
  type TensorMetadata,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';

/** Runs ops on a binding, below tfjs, and frees what they made but the result. */
export class TemporaryOps {
  readonly #binding: Binding;
  readonly #ids = new Set<number>();

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  constant(dtype: number, values: InputValues, shape: readonly number[]): number {
    const id = this.#binding.createTensor(shape, dtype, values);
    this.#ids.add(id);
    return id;
  }

  /** An op with one output. */
  run(name: string, attributes: readonly OpAttribute[], inputs: readonly number[]): TensorMetadata {
    const [output] = this.#binding.executeOp(name, attributes, inputs, 1);
    this.#ids.add(output!.id);
    return output!;
  }

  /** An op of a float32 tensor and a number. */
  float(name: string, id: number, operand: number): TensorMetadata {
    const constant = this.constant(DataType.FLOAT, Float32Array.of(operand), []);
    return this.run(name, [typeAttribute('T', DataType.FLOAT)], [id, constant]);
  }

  cast(id: number, from: number, to: number): TensorMetadata {
    return this.run('Cast', [typeAttribute('SrcT', from), typeAttribute('DstT', to)], [id]);
  }

  /** Takes a tensor out of what `dispose` frees. */
  keep(output: TensorMetadata): TensorMetadata {
    this.#ids.delete(output.id);
    return output;
  }

  dispose(): void {
    for (const id of this.#ids) this.#binding.deleteTensor(id);
  }
}
