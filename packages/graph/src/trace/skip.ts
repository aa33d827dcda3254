import {
  DataType,
  type GraphBuilder,
  type GraphOutput,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';

const FLOAT = [typeAttribute('T', DataType.FLOAT)];

/**
 * Turns updates with momentum into ones that change nothing where a condition does not hold, by numbers alone:
 *
 * ```
 * learningRate' = 0,   gradient' = 0 even of NaN,   momentum' = 1
 * ```
 *
 * A branch would have to read the condition in host memory: on a GPU the step would wait there until all gradients are computed.
 */
export class Skip {
  readonly #builder: GraphBuilder;
  readonly #condition: GraphOutput;
  readonly #factor: GraphOutput;
  readonly #scalars = new Map<string, GraphOutput>();

  constructor(builder: GraphBuilder, condition: GraphOutput) {
    this.#builder = builder;
    this.#condition = condition;
    this.#factor = this.#node(
      'Cast',
      [condition],
      [typeAttribute('SrcT', DataType.BOOL), typeAttribute('DstT', DataType.FLOAT)],
    );
  }

  operands([learningRate, gradient, momentum]: readonly [
    learningRate: GraphOutput,
    gradient: GraphOutput,
    momentum: GraphOutput,
  ]): GraphOutput[] {
    const one = this.#builder.constant(DataType.FLOAT, [], Float32Array.of(1));
    return [
      this.#shared(learningRate, () => this.#node('MulNoNan', [learningRate, this.#factor])),
      this.#node('MulNoNan', [gradient, this.#factor]),
      this.#shared(momentum, () => this.#node('Select', [this.#condition, momentum, one])),
    ];
  }

  /** Learning rate and momentum are those of many variables. */
  #shared({ oper, index }: GraphOutput, make: () => GraphOutput): GraphOutput {
    const key = `${oper}:${index}`;
    const made = this.#scalars.get(key) ?? make();
    this.#scalars.set(key, made);
    return made;
  }

  #node(op: string, inputs: readonly GraphOutput[], attributes = FLOAT): GraphOutput {
    return { oper: this.#builder.node(op, { inputs, attributes }), index: 0 };
  }
}
