import { type Pointer, prototype } from './prototype.ts';

/** What native code can read from or write to directly. */
export type Memory = Pointer | NodeJS.TypedArray;

/** TensorFlow's C API for its version, statuses, tensors, strings and device lists (tensorflow/c/c_api.h, tf_status.h, tf_tensor.h, tf_string.h). */
export const tensorPrototypes = {
  TF_Version: prototype<() => string>('const char *TF_Version()'),

  TF_NewStatus: prototype<() => Pointer>('TF_Status *TF_NewStatus()'),
  TF_DeleteStatus: prototype<(status: Pointer) => void>('void TF_DeleteStatus(TF_Status *)'),
  TF_GetCode: prototype<(status: Pointer) => number>('int TF_GetCode(const TF_Status *)'),
  TF_Message: prototype<(status: Pointer) => string>('const char *TF_Message(const TF_Status *)'),

  TF_AllocateTensor: prototype<
    (dtype: number, dims: BigInt64Array, rank: number, bytes: number) => Pointer | null
  >('TF_Tensor *TF_AllocateTensor(int, const int64_t *, int, size_t)'),
  TF_DeleteTensor: prototype<(tensor: Pointer) => void>('void TF_DeleteTensor(TF_Tensor *)'),
  TF_TensorData: prototype<(tensor: Pointer) => Pointer | null>('void *TF_TensorData(TF_Tensor *)'),
  TF_TensorByteSize: prototype<(tensor: Pointer) => number>(
    'size_t TF_TensorByteSize(TF_Tensor *)',
  ),
  TF_TensorType: prototype<(tensor: Pointer) => number>('int TF_TensorType(TF_Tensor *)'),
  TF_NumDims: prototype<(tensor: Pointer) => number>('int TF_NumDims(TF_Tensor *)'),
  TF_Dim: prototype<(tensor: Pointer, index: number) => number>('int64_t TF_Dim(TF_Tensor *, int)'),

  TF_StringInit: prototype<(string: Pointer) => void>('void TF_StringInit(void *)'),
  TF_StringCopy: prototype<(string: Pointer, source: Uint8Array, bytes: number) => void>(
    'void TF_StringCopy(void *, const uint8_t *, size_t)',
  ),
  TF_StringGetDataPointer: prototype<(string: Pointer) => Pointer>(
    'void *TF_StringGetDataPointer(void *)',
  ),
  TF_StringGetSize: prototype<(string: Pointer) => number>('size_t TF_StringGetSize(void *)'),
  TF_StringDealloc: prototype<(string: Pointer) => void>('void TF_StringDealloc(void *)'),

  // The C library's function. Ten times as fast as koffi's view for a few
  // bytes, and no ArrayBuffer outlives the memory it shows.
  memcpy: prototype<(to: Memory, from: Memory, bytes: number) => void>(
    'void memcpy(void *, const void *, size_t)',
  ),

  TF_DeviceListCount: prototype<(list: Pointer) => number>(
    'int TF_DeviceListCount(const TF_DeviceList *)',
  ),
  TF_DeviceListName: prototype<(list: Pointer, index: number, status: Pointer) => string>(
    'const char *TF_DeviceListName(const TF_DeviceList *, int, TF_Status *)',
  ),
  TF_DeviceListType: prototype<(list: Pointer, index: number, status: Pointer) => string>(
    'const char *TF_DeviceListType(const TF_DeviceList *, int, TF_Status *)',
  ),
  TF_DeviceListMemoryBytes: prototype<(list: Pointer, index: number, status: Pointer) => number>(
    'int64_t TF_DeviceListMemoryBytes(const TF_DeviceList *, int, TF_Status *)',
  ),
  TF_DeleteDeviceList: prototype<(list: Pointer) => void>(
    'void TF_DeleteDeviceList(TF_DeviceList *)',
  ),
};
