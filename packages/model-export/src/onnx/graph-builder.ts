import type { MessageInitShape } from '@bufbuild/protobuf';
import { bytesOf } from '../graph/nodes.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProtoSchema,
  type NodeProtoSchema,
} from '../proto/onnx.generated.ts';

/** A value of the graph: its name, and its shape without the batch, [channels, height, width] or [channels]. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

interface NodeOptions {
  /** Of the output, without the batch. */
  readonly shape: readonly number[];
  /** Of the node and its output. Default: the kind with a number. */
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** Nodes and constants of a graph, in the order in which they are added. */
export class GraphBuilder {
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #constants = new Map<
    string,
    { dims: bigint[]; dataType: number; rawData: Uint8Array }
  >();

  /** Adds a node with one output. */
  node(
    opType: string,
    inputs: readonly (Value | string)[],
    { shape, name = `${opType}_${this.#nodes.length}`, attributes = {} }: NodeOptions,
  ): Value {
    this.#nodes.push({
      ...{ name, opType, output: [name] },
      input: inputs.map((input) => (typeof input === 'string' ? input : input.name)),
      attribute: Object.entries(attributes).map(([key, value]) =>
        typeof value === 'number'
          ? { name: key, type: AttributeType.INT, i: BigInt(value) }
          : { name: key, type: AttributeType.INTS, ints: value.map(BigInt) },
      ),
    });
    return { name, shape };
  }

  /**
   * Adds a float32 constant, whose data must not change afterwards.
   *
   * @throws Error when these are not as many numbers as the shape has, or one is not finite.
   */
  floats(name: string, shape: readonly number[], data: Float32Array): string {
    const size = shape.reduce((product, one) => product * one, 1);
    if (data.length !== size || !data.every(Number.isFinite)) {
      throw new Error(
        `exportModel: expected ${size} finite numbers for ${name}, got ${data.length}, of which ${data.filter(Number.isFinite).length} are finite. Export other weights`,
      );
    }
    this.#constants.set(name, {
      dims: shape.map(BigInt),
      dataType: DataType.FLOAT,
      rawData: bytesOf(data),
    });
    return name;
  }

  /** Adds a constant of integers, which it is named by. */
  integers(values: readonly number[]): string {
    const name = `int64_${values.join('_')}`;
    const rawData = bytesOf(BigInt64Array.from(values, BigInt));
    this.#constants.set(name, { dims: [BigInt(values.length)], dataType: DataType.INT64, rawData });
    return name;
  }

  /** The graph from `input` to `output`, of any batch. */
  build(name: string, input: Value, output: Value): MessageInitShape<typeof GraphProtoSchema> {
    return {
      ...{ name, node: this.#nodes, input: [ofAnyBatch(input)], output: [ofAnyBatch(output)] },
      initializer: [...this.#constants].map(([key, constant]) => ({ name: key, ...constant })),
    };
  }
}

function ofAnyBatch({ name, shape }: Value) {
  const dim = [
    { value: { case: 'dimParam' as const, value: 'N' } },
    ...shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })),
  ];
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } } };
}
