import {
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type InputValues,
  type TensorValues,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';

/** A tensor of a trace: known by shape and type only. */
export interface Symbol {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** What it is, for messages. */
  readonly origin: string;
  /** Where it is in the graph; computed on first use, so that what `fn` never uses is not there. */
  output: GraphOutput | (() => GraphOutput);
  /** The op that computes it, and its operands. */
  readonly op?: string;
  readonly operands?: readonly number[];
  /** Values, where they are known while tracing. */
  readonly values?: () => TensorValues | InputValues;
  /** The uint8 tensor that this one is cast from. */
  readonly bytes?: GraphOutput;
}

/** Ids of a trace begin here, far above those of the eager binding. */
const firstId = 2 ** 40;

/** The tensors of a trace by the ids that tfjs-node's backend knows them by. */
export class Symbols {
  readonly #symbols = new Map<number, Symbol>();
  #nextId = firstId;

  add(symbol: Symbol): number {
    const id = this.#nextId++;
    this.#symbols.set(id, symbol);
    return id;
  }

  /** A tensor of uint8, of which `fn` sees int32: tfjs has no uint8. */
  addBytes(
    builder: GraphBuilder,
    { bytes, ...symbol }: Pick<Symbol, 'shape' | 'origin'> & { readonly bytes: GraphOutput },
  ): number {
    const toInt32 = [typeAttribute('SrcT', DataType.UINT8), typeAttribute('DstT', DataType.INT32)];
    const output = () => ({
      oper: builder.node('Cast', { inputs: [bytes], attributes: toInt32 }),
      index: 0,
    });
    return this.add({ ...symbol, dtype: DataType.INT32, output, bytes });
  }

  find(id: number): Symbol | undefined {
    return this.#symbols.get(id);
  }

  /** @throws if the id is not one of this trace. */
  get(id: number): Symbol {
    const symbol = this.#symbols.get(id);
    if (symbol !== undefined) return symbol;
    throw new Error(`compile: expected a tensor of this trace, got id ${id}. It was disposed.`);
  }

  /** Where the tensor of an id is in the graph. */
  resolve(id: number): GraphOutput {
    const symbol = this.get(id);
    if (typeof symbol.output === 'function') symbol.output = symbol.output();
    return symbol.output;
  }

  /** Lets an id stand for the value of another; what was read before stays as it is. */
  redirect(id: number, target: number): void {
    const { op, operands, origin, output } = this.get(target);
    const aliased: Symbol = {
      ...this.get(id),
      origin,
      output,
      ...(op && { op }),
      ...(operands && { operands }),
    };
    this.#symbols.set(id, aliased);
  }

  /** The operands of the op that computes a tensor, if it is this op. */
  operands(id: number | undefined, op: string): readonly number[] | undefined {
    const symbol = id === undefined ? undefined : this.#symbols.get(id);
    return symbol?.op === op ? symbol.operands : undefined;
  }
}
