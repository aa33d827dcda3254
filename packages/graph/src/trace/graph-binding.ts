import {
  type Binding,
  bindingConstants,
  DataType,
  type GraphOutput,
  type InputValues,
  type OpAttribute,
  type TensorMetadata,
  type TensorValues,
} from '@bag-of-tricks/libtensorflow/native';
import type { GraphBuilder } from '../native/graph-builder.ts';
import { takesList } from '../native/list-inputs.ts';
import { ConstantMaker, isPlain } from './constants.ts';

/** Something that a trace knows by an id, as tfjs-node's backend knows a tensor. */
interface Symbol {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly origin: string;
  /** Where it is in the graph; computed on first use, so that what `fn` never uses is not there. */
  output: GraphOutput | (() => GraphOutput);
  /** The op that computes it, and its operands. */
  readonly op?: string;
  readonly operands?: readonly number[];
  /** Values, where they are known while tracing. */
  readonly values?: () => TensorValues | InputValues;
}

/** Ids of a trace begin here, far above those of the eager binding. */
const firstId = 2 ** 40;

/** Outputs that only the op's gradient reads, in a shape that is TensorFlow's own affair. */
const opaqueOutputs: Readonly<Record<string, readonly number[]>> = {
  FusedBatchNormV3: [5],
  FusedBatchNormGradV3: [3, 4],
};

/** A binding for tfjs-node's backend that adds nodes to a graph instead of computing. */
export class GraphBinding {
  readonly binding: Binding;
  readonly constants: ConstantMaker;
  /** The first error of reading a value: `data()` reports it too late, as a rejection. */
  readError: Error | undefined;
  readonly #builder: GraphBuilder;
  readonly #symbols = new Map<number, Symbol>();
  #nextId = firstId;
  #checkOnly = false;

  constructor(builder: GraphBuilder, eager: Binding, maxConstantBytes: number) {
    this.#builder = builder;
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
      isUsingGpuDevice: () => eager.isUsingGpuDevice(),
      getNumOfTensors: () => eager.getNumOfTensors(),
    };
  }

  /** Gives an id to something whose place in the graph is made when it is first used. */
  reserve(symbol: Symbol): number {
    const id = this.#nextId++;
    this.#symbols.set(id, symbol);
    return id;
  }

  /** Where the tensor of an id is in the graph. */
  resolve(id: number): GraphOutput {
    const symbol = this.#symbols.get(id);
    if (symbol === undefined) {
      throw new Error(`compile: expected a tensor of this trace, got id ${id}. It was disposed.`);
    }
    if (typeof symbol.output === 'function') symbol.output = symbol.output();
    return symbol.output;
  }

  /** The operands of the op that computes a tensor, if it is this op. */
  operands(id: number | undefined, op: string): readonly number[] | undefined {
    const symbol = id === undefined ? undefined : this.#symbols.get(id);
    return symbol?.op === op ? symbol.operands : undefined;
  }

  shapeOf(id: number): readonly number[] {
    return this.#symbols.get(id)!.shape;
  }

  /** Whether two tensors are one in the graph, as equal small constants are. */
  areSame(a: number, b: number): boolean {
    if (a === b) return true;
    const [first, second] = [this.resolve(a), this.resolve(b)];
    return first.oper === second.oper && first.index === second.index;
  }

  /** The values that JavaScript gave for this id, if it did. */
  valuesOf(id: number): TensorValues | InputValues | undefined {
    return this.#symbols.get(id)?.values?.();
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
    return this.reserve({
      shape: [...shape],
      dtype,
      origin: 'JavaScript values',
      output: () => this.constants.make(dtype, shape, values, 'a tensor made of JavaScript values'),
      values: () => values,
    });
  }

  #read(id: number): TensorValues {
    const symbol = this.#symbols.get(id);
    const values = symbol?.values?.();
    if (values !== undefined) return values as TensorValues;
    if (this.#checkOnly) return new Int32Array(0);
    const what = symbol === undefined ? 'a tensor' : `${symbol.origin}, of shape [${symbol.shape}]`;
    this.readError ??= new Error(
      `compile: expected fn not to read values, but it reads ${what} (dataSync, data, arraySync, array or print). ` +
        'There is no value before the graph runs: return the tensor as an output, use tf.where in place of if, ' +
        'or compute outside of fn and pass the result as an input.',
    );
    throw this.readError;
  }

  #execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const folded = this.#fold(name, inputIds);
    if (folded !== undefined) return [folded];
    const inputs = inputIds.map((id) => this.resolve(id));
    const kept = takesList(name)
      ? attributes.filter((attribute) => attribute.name !== 'N')
      : attributes;
    const [from, source] = this.#uncast(name, inputIds, kept);
    const oper = this.#builder.node(name, { inputs: source ?? inputs, attributes: from });
    return Array.from({ length: outputCount }, (_, index) =>
      this.#output(name, { oper, index }, inputIds),
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
    return {
      id: this.reserve({ shape, dtype, origin: `the output of ${op}`, output, op, operands }),
      shape,
      dtype,
    };
  }

  /** Zeros or ones in the shape of a tensor need no tensor: the shape is known. */
  #fold(name: string, [input]: readonly number[]): TensorMetadata | undefined {
    if (name !== 'ZerosLike' && name !== 'OnesLike') return undefined;
    const { shape, dtype } = this.#symbols.get(input!)!;
    if (!isPlain(dtype)) return undefined;
    const output = this.constants.uniform(dtype, shape, name === 'OnesLike' ? 1 : 0);
    const id = this.reserve({ shape, dtype, origin: `the output of ${name}`, output });
    return { id, shape: [...shape], dtype };
  }

  /** Casts a uint8 input to the type that `fn` wants in one step: tfjs has no uint8, so `fn` sees int32. */
  #uncast(
    name: string,
    [input]: readonly number[],
    attributes: readonly OpAttribute[],
  ): [attributes: readonly OpAttribute[], inputs: GraphOutput[] | undefined] {
    const raw = name === 'Cast' ? this.#bytes.get(input!) : undefined;
    if (raw === undefined) return [attributes, undefined];
    const fromBytes = attributes.map((attribute) =>
      attribute.name === 'SrcT' ? { ...attribute, value: DataType.UINT8 } : attribute,
    );
    return [fromBytes, [raw]];
  }

  readonly #bytes = new Map<number, GraphOutput>();

  /** An int32 view of a uint8 placeholder. */
  reserveBytes(shape: readonly number[], placeholder: GraphOutput, origin: string): number {
    const id = this.reserve({
      shape,
      dtype: DataType.INT32,
      origin,
      output: () => ({
        oper: this.#builder.node('Cast', {
          inputs: [placeholder],
          attributes: [
            { name: 'SrcT', type: bindingConstants.TF_ATTR_TYPE, value: DataType.UINT8 },
            { name: 'DstT', type: bindingConstants.TF_ATTR_TYPE, value: DataType.INT32 },
          ],
        }),
        index: 0,
      }),
    });
    this.#bytes.set(id, placeholder);
    return id;
  }
}
