import type { TensorFlowApi } from './api.ts';
import type { TensorValues } from './data-type.ts';
import type { GraphOutput } from './graph-prototypes.ts';
import type { Pointer } from './prototype.ts';
import { Session, type SessionSource } from './session.ts';
import { Status } from './status.ts';
import { createTensor, deleteTensor, type InputValues, readTensor } from './tensor.ts';

/** A tensor outside of a graph. */
export interface LoadedTensor {
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

/** A graph that comes as a whole, as bytes or as a SavedModel, and runs by the names of its tensors. */
export class LoadedGraph {
  readonly #api: TensorFlowApi;
  readonly #graph: Pointer;
  readonly #session: Session;

  /**
   * @param load - Fills the graph; what it returns opens the session. Default: a new one.
   * @throws TensorFlowError - what TensorFlow finds wrong with it.
   */
  private constructor(api: TensorFlowApi, load: (graph: Pointer) => SessionSource) {
    this.#api = api;
    this.#graph = api.TF_NewGraph();
    try {
      this.#session = new Session(api, this.#graph, new Uint8Array(), load(this.#graph));
    } catch (error) {
      api.TF_DeleteGraph(this.#graph);
      throw error;
    }
  }

  /**
   * Reads a serialised GraphDef.
   *
   * @throws TensorFlowError - for bytes that are none, or an op that this TensorFlow does not know or is given wrong inputs.
   */
  static fromGraphDef(api: TensorFlowApi, graphDef: Uint8Array): LoadedGraph {
    return new LoadedGraph(api, (graph) => {
      const status = new Status(api);
      const options = api.TF_NewImportGraphDefOptions();
      const buffer = api.TF_NewBufferFromString(graphDef, graphDef.byteLength);
      try {
        api.TF_GraphImportGraphDef(graph, buffer, options, status.pointer);
        status.check('TF_GraphImportGraphDef');
        return {};
      } finally {
        api.TF_DeleteBuffer(buffer);
        api.TF_DeleteImportGraphDefOptions(options);
        status.dispose();
      }
    });
  }

  /**
   * Opens the SavedModel in a folder, the graph with the tag `serve`.
   *
   * @throws TensorFlowError - when there is none, or TensorFlow cannot read it.
   */
  static fromSavedModel(api: TensorFlowApi, folder: string): LoadedGraph {
    return new LoadedGraph(api, (graph) => ({
      opener: 'TF_LoadSessionFromSavedModel',
      open: (options, status) =>
        api.TF_LoadSessionFromSavedModel(options, null, folder, ['serve'], 1, graph, null, status),
    }));
  }

  /**
   * Runs once, on another thread.
   *
   * @param feeds - Tensors by the names of the outputs that they replace, such as `images` or `split:1`.
   * @param fetches - Names of the outputs that are wanted.
   * @throws Error - for a name that is not there; TensorFlowError - what TensorFlow reports.
   */
  async run(
    feeds: Readonly<Record<string, Omit<LoadedTensor, 'values'> & { values: InputValues }>>,
    fetches: readonly string[],
  ): Promise<LoadedTensor[]> {
    const api = this.#api;
    const outputs = [Object.keys(feeds), fetches].map((names) => names.map((n) => this.#find(n)));
    const values: Pointer[] = [];
    try {
      for (const { dtype, shape, values: elements } of Object.values(feeds)) {
        values.push(createTensor(api, dtype, shape, elements));
      }
      const request = { feeds: outputs[0]!, values, fetches: outputs[1]! };
      const tensors = await this.#session.run(request);
      return tensors.map((tensor) => {
        const rank = api.TF_NumDims(tensor);
        const shape = Array.from({ length: rank }, (_, i) => Number(api.TF_Dim(tensor, i)));
        const read = { dtype: api.TF_TensorType(tensor), shape, values: readTensor(api, tensor) };
        api.TF_DeleteTensor(tensor);
        return read;
      });
    } finally {
      for (const tensor of values) deleteTensor(api, tensor);
    }
  }

  /** The shape that TensorFlow infers for an output, -1 for a size that varies; undefined where not even the rank is known. */
  shapeOf(name: string): readonly number[] | undefined {
    const [api, status] = [this.#api, new Status(this.#api)];
    const output = this.#find(name);
    try {
      const rank = api.TF_GraphGetTensorNumDims(this.#graph, output, status.pointer);
      if (rank < 0) return undefined;
      const dims = new BigInt64Array(rank);
      api.TF_GraphGetTensorShape(this.#graph, output, dims, rank, status.pointer);
      status.check('TF_GraphGetTensorShape');
      return Array.from(dims, Number);
    } finally {
      status.dispose();
    }
  }

  dispose(): void {
    this.#session.dispose();
    this.#api.TF_DeleteGraph(this.#graph);
  }

  #find(name: string): GraphOutput {
    const [operation = '', index = '0'] = name.split(':');
    const oper = this.#api.TF_GraphOperationByName(this.#graph, operation);
    if (oper !== null) return { oper, index: Number(index) };
    throw new Error(`LoadedGraph: expected a node named '${operation}', found none in the graph.`);
  }
}
