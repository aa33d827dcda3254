import type { ThreadOptions } from '../native/config-proto.ts';
import { DataType, type TensorValues } from '../native/data-type.ts';
import { type Device, listDevices } from '../native/devices.ts';
import { bindLibc } from '../native/libc.ts';
import type { TensorFlowLibrary } from '../native/open.ts';
import type { Pointer } from '../native/prototype.ts';
import { Status } from '../native/status.ts';
import { createTensor, deleteTensor, type InputValues, readTensor } from '../native/tensor.ts';
import {
  type Binding,
  BindingConstants,
  bindingConstants,
  type OpAttribute,
  type TensorMetadata,
} from './binding.ts';
import { EagerAttributes } from './eager-attributes.ts';
import { newContext } from './eager-context.ts';

const stringAttributes: readonly OpAttribute[] = [
  { name: 'N', type: bindingConstants.TF_ATTR_INT, value: 1 },
];

/** Runs the ops of tfjs-node's kernels one by one through TensorFlow's eager C API. */
export class EagerBinding extends BindingConstants implements Binding {
  readonly TF_Version: string;
  readonly devices: readonly Device[];

  readonly #library: TensorFlowLibrary;
  readonly #status: Status;
  readonly #attributes: EagerAttributes;
  readonly #handles = new Map<number, Pointer>();
  #context: Pointer | undefined;
  #nextId = 0;

  constructor(library: TensorFlowLibrary, threads: ThreadOptions = {}) {
    super();
    const { api } = library;
    this.#library = library;
    this.TF_Version = library.version;
    this.#status = new Status(api);
    this.#attributes = new EagerAttributes(api, this.#status);
    this.#context = newContext(api, this.#status, threads);
    this.devices = listDevices(api, this.#context, this.#status);
  }

  get isDisposed(): boolean {
    return this.#context === undefined;
  }

  isUsingGpuDevice(): boolean {
    return this.devices.some((device) => device.type === 'GPU');
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  createTensor(shape: readonly number[], dtype: number, values: InputValues): number {
    this.#requireContext();
    const { api } = this.#library;
    const tensor = createTensor(api, dtype, shape, values);
    try {
      const handle = api.TFE_NewTensorHandle(tensor, this.#status.pointer);
      this.#status.check('createTensor');
      const id = this.#keep(handle);
      return dtype === DataType.STRING ? this.#ownStrings(id) : id;
    } finally {
      deleteTensor(api, tensor);
    }
  }

  /** Does nothing after `dispose`, which freed all tensors. */
  deleteTensor(id: number): void {
    if (this.#context === undefined) return;
    this.#library.api.TFE_DeleteTensorHandle(this.#handle(id));
    this.#handles.delete(id);
  }

  tensorDataSync(id: number): TensorValues {
    this.#requireContext();
    const { api } = this.#library;
    const tensor = api.TFE_TensorHandleResolve(this.#handle(id), this.#status.pointer);
    this.#status.check('tensorDataSync');
    try {
      return readTensor(api, tensor);
    } finally {
      api.TF_DeleteTensor(tensor);
    }
  }

  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const context = this.#requireContext();
    const { api } = this.#library;
    const status = this.#status;
    if (typeof name !== 'string') {
      throw new TypeError(`executeOp: expected the name of an op, got ${name}.`);
    }
    const op = api.TFE_NewOp(context, name, status.pointer);
    status.check(name);
    try {
      for (const id of inputIds) {
        api.TFE_OpAddInput(op, this.#handle(id, name), status.pointer);
        status.check(name);
      }
      for (const attribute of attributes) this.#attributes.set(op, name, attribute);
      const outputs = new Array<Pointer | null>(outputCount).fill(null);
      api.TFE_Execute(op, outputs, [outputCount], status.pointer);
      status.check(name);
      // TensorFlow refuses too few, but leaves those that are too many as they are.
      const handles = outputs.filter((handle) => handle !== null);
      const described = handles.map((handle) => this.#describe(handle));
      if (handles.length === outputCount) return described;
      for (const { id } of described) this.deleteTensor(id);
      throw new RangeError(
        `${name}: expected ${outputCount} outputs, got ${handles.length}. Ask for as many.`,
      );
    } finally {
      api.TFE_DeleteOp(op);
    }
  }

  probe<T>(action: (binding: Binding) => T): T {
    return bindLibc().withoutFallbackLog(() => action(this));
  }

  loadSavedModel(): never {
    throw new Error('loadSavedModel: not supported. Use @tensorflow/tfjs-node in another process.');
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  /** Frees all tensors and the context; any later use is an error. */
  dispose(): void {
    if (this.#context === undefined) return;
    const { api } = this.#library;
    for (const handle of this.#handles.values()) api.TFE_DeleteTensorHandle(handle);
    this.#handles.clear();
    api.TFE_DeleteContext(this.#context);
    this.#context = undefined;
    this.#status.dispose();
  }

  #keep(handle: Pointer): number {
    const id = this.#nextId++;
    this.#handles.set(id, handle);
    return id;
  }

  #describe(handle: Pointer): TensorMetadata {
    const { api } = this.#library;
    const { pointer } = this.#status;
    const shape = new Array<number>(api.TFE_TensorHandleNumDims(handle, pointer));
    for (let i = 0; i < shape.length; i++) shape[i] = api.TFE_TensorHandleDim(handle, i, pointer);
    return { id: this.#keep(handle), shape, dtype: api.TFE_TensorHandleDataType(handle) };
  }

  /** Swaps a string tensor for a copy that TensorFlow made, so that ours can be freed at once, whoever shares the copy. */
  #ownStrings(id: number): number {
    try {
      return this.executeOp('StringJoin', stringAttributes, [id], 1)[0]!.id;
    } finally {
      this.deleteTensor(id);
    }
  }

  #handle(id: number, user = 'tensor'): Pointer {
    const handle = this.#handles.get(id);
    if (handle !== undefined) return handle;
    throw new Error(
      `${user}: expected the id of a live tensor, got ${id}. It was disposed, or belongs to another binding.`,
    );
  }

  #requireContext(): Pointer {
    if (this.#context !== undefined) return this.#context;
    throw new Error(
      "EagerBinding: expected a live TensorFlow context, but the backend 'tensorflow' was removed. Register it again.",
    );
  }
}
