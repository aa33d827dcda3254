export {
  type Binding,
  BindingConstants,
  bindingConstants,
  type OpAttribute,
  type TensorMetadata,
} from './backend/binding.ts';
export { EagerBinding } from './backend/eager-binding.ts';
export type { TensorFlowApi } from './native/api.ts';
export { encodeThreads, type ThreadOptions } from './native/config-proto.ts';
export { DataType, type TensorValues } from './native/data-type.ts';
export type { Device } from './native/devices.ts';
export type { GraphOutput } from './native/graph-prototypes.ts';
export {
  type LibraryFiles,
  type OpenOptions,
  openTensorFlow,
  type TensorFlowLibrary,
} from './native/open.ts';
export type { NativeFunction, Pointer } from './native/prototype.ts';
export { Status, TensorFlowError } from './native/status.ts';
export { createTensor, deleteTensor, type InputValues, readTensor } from './native/tensor.ts';
