import type { TensorFlowApi } from './api.ts';
import { DataType } from './data-type.ts';
import { shapeAttribute, typeAttribute } from './graph-attributes.ts';
import { GraphBuilder, type NodeOptions } from './graph-builder.ts';
import type { GraphOutput } from './graph-prototypes.ts';
import type { Pointer } from './prototype.ts';
import { type ClusterSpec, jobOf, reaching, type Server } from './server.ts';
import { Session } from './session.ts';
import { createTensor, deleteTensor, readTensor } from './tensor.ts';

const attributes = [typeAttribute('dtype', DataType.INT32)];
const scalar = [...attributes, shapeAttribute('shape', [])];

/** A number that each process of a cluster keeps at its server, where the others can read it whatever its JavaScript does. */
export class PublishedNumber {
  readonly #api: TensorFlowApi;
  readonly #builder: GraphBuilder;
  readonly #session: Session;
  readonly #feed: GraphOutput;
  readonly #write: Pointer;
  readonly #value: GraphOutput;

  /** That of `owner`, for the process with this server. */
  constructor(api: TensorFlowApi, { target, config }: Server, owner: ClusterSpec) {
    this.#api = api;
    this.#builder = new GraphBuilder(api);
    const device = `/job:${jobOf(owner.addresses)}/replica:0/task:${owner.rank}/device:CPU:0`;
    const node = (op: string, options: NodeOptions) =>
      this.#builder.node(op, { attributes, device, ...options });
    const name = { name: 'shared_name', type: 0, value: 'published' };
    const handle = { oper: node('VarHandleOp', { attributes: [...scalar, name] }), index: 0 };
    this.#feed = { oper: node('Placeholder', { attributes: scalar }), index: 0 };
    this.#write = node('AssignVariableOp', { inputs: [handle, this.#feed] });
    this.#value = { oper: node('ReadVariableOp', { inputs: [handle] }), index: 0 };
    const server = { target, config: Buffer.concat([config, reaching(owner)]) };
    this.#session = new Session(api, this.#builder.graph, new Uint8Array(), { server });
  }

  async write(value: number): Promise<void> {
    const tensor = createTensor(this.#api, DataType.INT32, [], [value]);
    const request = { feeds: [this.#feed], values: [tensor], targets: [this.#write] };
    await this.#session.run(request).finally(() => deleteTensor(this.#api, tensor));
  }

  /** @throws TensorFlowError - if its owner has not written it yet. It may wait for ever for one that is gone. */
  async read(): Promise<number> {
    const [tensor] = await this.#session.run({ fetches: [this.#value] });
    const [value] = readTensor(this.#api, tensor!);
    deleteTensor(this.#api, tensor!);
    return Number(value);
  }

  dispose(): void {
    this.#session.dispose();
    this.#builder.dispose();
  }
}
