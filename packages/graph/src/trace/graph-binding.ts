import {
  type Binding,
  bindingConstants,
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type InputValues,
  type OpAttribute,
  type TensorMetadata,
  type TensorValues,
  takesList,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import { ConstantMaker, isPlain } from './constants.ts';
import { Symbols } from './symbols.ts';

/** Outputs that only the op's gradient reads, in a shape that is TensorFlow's own affair. */
const opaqueOutputs: Readonly<Record<string, readonly number[]>> = {
  FusedBatchNormV3: [5],
  FusedBatchNormGradV3: [3, 4],
};

/** Where host memory is; of the process itself, where several make a cluster. */
const HOST = '/device:CPU:0';

/** A binding for tfjs-node's backend that adds nodes to a graph instead of computing. */
export class GraphBinding {
  readonly binding: Binding;
  readonly symbols = new Symbols();
  readonly constants: ConstantMaker;
  /** The first error of reading a value: `data()` reports it too late, as a rejection. */
  readError: Error | undefined;
  readonly #builder: GraphBuilder;
  readonly #hasGpu: boolean;
  #checkOnly = false;
  /** Of the ops that are added now. */
  #device: string | undefined;

  constructor(builder: GraphBuilder, eager: Binding, maxConstantBytes: number) {
    this.#builder = builder;
    this.#hasGpu = eager.isUsingGpuDevice();
    this.constants = new ConstantMaker(builder, maxConstantBytes);
    this.binding = {
      ...bindingConstants,
      TF_Version: eager.TF_Version,
      createTensor: (shape, dtype, values) => this.#createTensor(shape, dtype, values),
      // Nodes cannot be taken out of a graph; TensorFlow prunes what no output needs.
      deleteTensor: () => {},
      tensorDataSync: (id) => this.#read(id),
      executeOp: (name, attributes, inputs, outputs) =>
        this.#execute(name, attributes, inputs, outputs),
      probe: (action) => eager.probe(action),
      isUsingGpuDevice: () => eager.isUsingGpuDevice(),
      getNumOfTensors: () => eager.getNumOfTensors(),
      redirect: (id, target) => this.symbols.redirect(id, target),
      onHost: (action) => this.#onHost(action),
    };
  }

  /** Runs a kernel that reads values only to check them: it is shown none. */
  withoutChecks<T>(kernel: () => T): T {
    this.#checkOnly = true;
    try {
      return kernel();
    } finally {
      this.#checkOnly = false;
    }
  }

  #createTensor(shape: readonly number[], dtype: number, values: InputValues): number {
    return this.symbols.add({
      shape: [...shape],
      dtype,
      origin: 'JavaScript values',
      output: () => this.#constant(dtype, shape, values),
      values: () => values,
    });
  }

  #constant(dtype: number, shape: readonly number[], values: InputValues): GraphOutput {
    const what = 'a tensor made of JavaScript values';
    return this.constants.make(dtype, shape, values, what, this.#device);
  }

  #onHost<T>(action: () => T): T {
    if (!this.#hasGpu) return action();
    this.#device = HOST;
    try {
      return action();
    } finally {
      this.#device = undefined;
    }
  }

  #read(id: number): TensorValues {
    const symbol = this.symbols.get(id);
    const values = symbol.values?.();
    if (values !== undefined) return values as TensorValues;
    if (this.#checkOnly) return new Int32Array(0);
    this.readError ??= new Error(
      `compile: expected fn not to read values, but it reads ${symbol.origin}, of shape [${symbol.shape}] ` +
        '(dataSync, data, arraySync, array or print). ' +
        'There is no value before the graph runs: return the tensor as an output, use tf.where in place of if, ' +
        'or compute outside of fn and pass the result as an input.',
    );
    throw this.readError;
  }

  #execute(
    name: string,
    attributes: readonly OpAttribute[],
    operands: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const folded = this.#fold(name, operands);
    if (folded !== undefined) return [folded];
    if (name === 'Softmax') {
      // oneDNN's softmax, which graphs alone get, leaves zeros beside a NaN; its logarithm is TensorFlow's own.
      const [logarithm] = this.#execute('LogSoftmax', attributes, operands, 1);
      return this.#execute('Exp', attributes, [logarithm!.id], 1);
    }
    if (name === 'PadV2' && this.#hasGpu && this.#isZero(operands[2]!)) {
      // Its kernel for GPUs reads the value in host memory, and constants are not there.
      return this.#execute('Pad', attributes, operands.slice(0, 2), 1);
    }
    const sliced = this.#sliceOfBytes(name, operands);
    if (sliced !== undefined) return [sliced];
    const fromBytes = this.#castFromBytes(name, operands, attributes);
    const oper = this.#builder.node(name, {
      device: this.#device,
      inputs: fromBytes?.inputs ?? operands.map((id) => this.symbols.resolve(id)),
      attributes:
        fromBytes?.attributes ??
        attributes.filter((attribute) => attribute.name !== 'N' || !takesList(name)),
    });
    return Array.from({ length: outputCount }, (_, index) =>
      this.#output(name, { oper, index }, operands),
    );
  }

  #output(op: string, output: GraphOutput, operands: readonly number[]): TensorMetadata {
    const isOpaque = opaqueOutputs[op]?.includes(output.index);
    const described = isOpaque
      ? { shape: [], dtype: DataType.FLOAT }
      : this.#builder.describe(output);
    if (described === undefined || described.shape.some((dim) => dim < 0)) {
      throw new Error(
        `compile: expected shapes that are known before the graph runs, but the shape of ${op}'s output depends on values. ` +
          'Use an op with a fixed shape, such as tf.where or tf.topk, or call this one outside of fn.',
      );
    }
    const { shape, dtype } = described;
    const id = this.symbols.add({
      shape,
      dtype,
      origin: `the output of ${op}`,
      output,
      op,
      operands,
    });
    return { id, shape, dtype };
  }

  /** Zeros or ones in the shape of a tensor need no tensor: the shape is known. */
  #fold(name: string, [input]: readonly number[]): TensorMetadata | undefined {
    if (name !== 'ZerosLike' && name !== 'OnesLike') return undefined;
    const { shape, dtype } = this.symbols.get(input!);
    if (!isPlain(dtype)) return undefined;
    const output = this.constants.uniform(dtype, shape, name === 'OnesLike' ? 1 : 0);
    const id = this.symbols.add({ shape, dtype, origin: `the output of ${name}`, output });
    return { id, shape: [...shape], dtype };
  }

  /** Whether a scalar is known to be 0, perhaps in another type. */
  #isZero(id: number): boolean {
    const [source] = this.symbols.operands(id, 'Cast') ?? [];
    return this.symbols.get(source ?? id).values?.()[0] === 0;
  }

  /** A part of a uint8 input is one of its bytes: in int32 it would be four times as much, and in host memory, where a GPU has int32. */
  #sliceOfBytes(name: string, [input, ...place]: readonly number[]): TensorMetadata | undefined {
    const bytes = name === 'Slice' ? this.symbols.get(input!).bytes : undefined;
    if (bytes === undefined) return undefined;
    const [begin, size] = place.map((id) => this.symbols.get(id).values?.() as Int32Array);
    if (!begin || !size) return undefined;
    const end = begin.map((from, i) => from + size[i]!);
    const inputs = [begin, end, begin.map(() => 1)].map((values) =>
      this.#builder.constant(DataType.INT32, [values.length], values),
    );
    const attributes = [typeAttribute('T', DataType.UINT8), typeAttribute('Index', DataType.INT32)];
    // Slice has no kernel for bytes on a GPU.
    const oper = this.#builder.node('StridedSlice', { inputs: [bytes, ...inputs], attributes });
    const output = { oper, index: 0 };
    const { shape } = this.#builder.describe(output)!;
    const origin = 'a part of an input';
    const id = this.symbols.addBytes(this.#builder, { shape, origin, bytes: output });
    return { id, shape, dtype: DataType.INT32 };
  }

  /** Casts a uint8 input to the type that `fn` wants in one step: tfjs has no uint8, so `fn` sees int32. */
  #castFromBytes(name: string, [input]: readonly number[], attributes: readonly OpAttribute[]) {
    const bytes = name === 'Cast' ? this.symbols.get(input!).bytes : undefined;
    if (bytes === undefined) return undefined;
    return {
      inputs: [bytes],
      attributes: attributes.map((attribute) =>
        attribute.name === 'SrcT' ? { ...attribute, value: DataType.UINT8 } : attribute,
      ),
    };
  }
}
