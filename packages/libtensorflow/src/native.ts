export {
  type Binding,
  BindingConstants,
  bindingConstants,
  type OpAttribute,
  type TensorMetadata,
} from './backend/binding.ts';
export { EagerBinding } from './backend/eager-binding.ts';
export type { NodeBackend, TensorEntry, TensorMap } from './backend/node-backend.ts';
export type { TensorFlowApi } from './native/api.ts';
export { bytesOf } from './native/buffer.ts';
export { encodeThreads, type ThreadOptions } from './native/config-proto.ts';
export { DataType, type TensorValues } from './native/data-type.ts';
export type { Device } from './native/devices.ts';
export { endProcess } from './native/end-process.ts';
export { setAttribute, shapeAttribute, typeAttribute } from './native/graph-attributes.ts';
export { GraphBuilder, type NodeOptions, type OutputDescription } from './native/graph-builder.ts';
export type { GraphOutput } from './native/graph-prototypes.ts';
export { isLoopback, ownAddressesOf } from './native/limit-listener.ts';
export { takesList } from './native/list-inputs.ts';
export { LoadedGraph, type LoadedTensor } from './native/loaded-graph.ts';
export {
  type LibraryFiles,
  type OpenOptions,
  openTensorFlow,
  type TensorFlowLibrary,
} from './native/open.ts';
export type { NativeFunction, Pointer } from './native/prototype.ts';
export { PublishedNumber } from './native/published-number.ts';
export { type ClusterSpec, jobOf, type Server, startServer } from './native/server.ts';
export { type RunRequest, Session } from './native/session.ts';
export { Status, TensorFlowError } from './native/status.ts';
export { createTensor, deleteTensor, type InputValues, readTensor } from './native/tensor.ts';
export { ThreadLog } from './native/thread-log.ts';
