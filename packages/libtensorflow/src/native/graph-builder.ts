import type { OpAttribute } from '../backend/binding.ts';
import type { TensorFlowApi } from './api.ts';
import { setAttribute, typeAttribute } from './graph-attributes.ts';
import type { GraphOutput } from './graph-prototypes.ts';
import { groupInputs } from './list-inputs.ts';
import type { Pointer } from './prototype.ts';
import { Status } from './status.ts';
import { createTensor, deleteTensor, type InputValues } from './tensor.ts';

/** What TensorFlow's own inference says of an output. */
export interface OutputDescription {
  readonly output: GraphOutput;
  readonly shape: number[];
  readonly dtype: number;
}

export interface NodeOptions {
  readonly name?: string;
  readonly inputs?: readonly GraphOutput[];
  readonly attributes?: readonly OpAttribute[];
  /** Operations that must have run before. */
  readonly after?: readonly Pointer[];
  /** Where it is to run, such as `/device:CPU:0`. Default: where TensorFlow likes. */
  readonly device?: string | undefined;
}

/** Constants of at most this many bytes are shared by all who ask for equal values. */
const SHARED_CONSTANT_BYTES = 64;

/** Builds a `TF_Graph`, node by node. */
export class GraphBuilder {
  readonly api: TensorFlowApi;
  readonly graph: Pointer;
  readonly #status: Status;
  readonly #names = new Map<string, number>();
  readonly #constants = new Map<string, GraphOutput>();
  #nodeCount = 0;

  constructor(api: TensorFlowApi) {
    this.api = api;
    this.graph = api.TF_NewGraph();
    this.#status = new Status(api);
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  /**
   * Adds an operation.
   *
   * @throws TensorFlowError - if TensorFlow finds inputs or attributes wrong, as it would when running the op.
   */
  node(
    op: string,
    { name = op, inputs = [], attributes = [], after = [], device }: NodeOptions,
  ): Pointer {
    const { api } = this;
    const description = api.TF_NewOperation(this.graph, op, this.#unique(name));
    if (device !== undefined) api.TF_SetDevice(description, device);
    for (const input of groupInputs(op, inputs)) {
      if (Array.isArray(input)) api.TF_AddInputList(description, input, input.length);
      else api.TF_AddInput(description, input as GraphOutput);
    }
    for (const operation of after) api.TF_AddControlInput(description, operation);
    for (const attribute of attributes) setAttribute(api, description, attribute);
    const operation = api.TF_FinishOperation(description, this.#status.pointer);
    this.#status.check(op);
    this.#nodeCount++;
    return operation;
  }

  /** A node that holds values; small equal ones are made once. */
  constant(
    dtype: number,
    shape: readonly number[],
    values: InputValues,
    device?: string,
  ): GraphOutput {
    const key = shareKey(dtype, shape, values, device);
    const shared = key === undefined ? undefined : this.#constants.get(key);
    if (shared !== undefined) return shared;
    const { api } = this;
    const tensor = createTensor(api, dtype, shape, values);
    const description = api.TF_NewOperation(this.graph, 'Const', this.#unique('Const'));
    if (device !== undefined) api.TF_SetDevice(description, device);
    setAttribute(api, description, typeAttribute('dtype', dtype));
    api.TF_SetAttrTensor(description, 'value', tensor, this.#status.pointer);
    deleteTensor(api, tensor);
    const oper = api.TF_FinishOperation(description, this.#status.pointer);
    this.#status.check('Const');
    this.#nodeCount++;
    const output = { oper, index: 0 };
    if (key !== undefined) this.#constants.set(key, output);
    return output;
  }

  /** The type and shape of an output; unknown sizes are -1, and `undefined` stands for an unknown rank. */
  describe(output: GraphOutput): OutputDescription | undefined {
    const { api } = this;
    const { pointer } = this.#status;
    const rank = api.TF_GraphGetTensorNumDims(this.graph, output, pointer);
    this.#status.check('TF_GraphGetTensorNumDims');
    if (rank < 0) return undefined;
    const dims = new BigInt64Array(rank);
    if (rank > 0) api.TF_GraphGetTensorShape(this.graph, output, dims, rank, pointer);
    this.#status.check('TF_GraphGetTensorShape');
    return { output, shape: Array.from(dims, Number), dtype: api.TF_OperationOutputType(output) };
  }

  /** Writes the GraphDef into a `TF_Buffer`. */
  writeTo(buffer: Pointer): void {
    this.api.TF_GraphToGraphDef(this.graph, buffer, this.#status.pointer);
    this.#status.check('TF_GraphToGraphDef');
  }

  dispose(): void {
    this.api.TF_DeleteGraph(this.graph);
    this.#status.dispose();
  }

  /** A name that TensorFlow takes, used once. */
  #unique(name: string): string {
    const legal = name.replace(/[^A-Za-z0-9_.\-/]/g, '_').replace(/^[^A-Za-z0-9.]/, 'n$&');
    const used = this.#names.get(legal) ?? 0;
    this.#names.set(legal, used + 1);
    return used === 0 ? legal : this.#unique(`${legal}_${used}`);
  }
}

function shareKey(
  dtype: number,
  shape: readonly number[],
  values: InputValues,
  device = '',
): string | undefined {
  if (!ArrayBuffer.isView(values) || values.byteLength > SHARED_CONSTANT_BYTES) return undefined;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return `${device} ${dtype} [${shape}] ${values.constructor.name} ${bytes.toString('latin1')}`;
}
