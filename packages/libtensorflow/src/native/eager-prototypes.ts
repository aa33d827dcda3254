import { type Pointer, prototype } from './prototype.ts';

/** TensorFlow's C API for running one op at a time (tensorflow/c/eager/c_api.h). */
export const eagerPrototypes = {
  TFE_NewContextOptions: prototype<() => Pointer>('TFE_ContextOptions *TFE_NewContextOptions()'),
  TFE_ContextOptionsSetConfig: prototype<
    (options: Pointer, config: Uint8Array, bytes: number, status: Pointer) => void
  >('void TFE_ContextOptionsSetConfig(TFE_ContextOptions *, const uint8_t *, size_t, TF_Status *)'),
  TFE_DeleteContextOptions: prototype<(options: Pointer) => void>(
    'void TFE_DeleteContextOptions(TFE_ContextOptions *)',
  ),
  TFE_NewContext: prototype<(options: Pointer, status: Pointer) => Pointer>(
    'TFE_Context *TFE_NewContext(const TFE_ContextOptions *, TF_Status *)',
  ),
  TFE_DeleteContext: prototype<(context: Pointer) => void>('void TFE_DeleteContext(TFE_Context *)'),
  TFE_ContextListDevices: prototype<(context: Pointer, status: Pointer) => Pointer>(
    'TF_DeviceList *TFE_ContextListDevices(TFE_Context *, TF_Status *)',
  ),

  TFE_NewTensorHandle: prototype<(tensor: Pointer, status: Pointer) => Pointer>(
    'TFE_TensorHandle *TFE_NewTensorHandle(const TF_Tensor *, TF_Status *)',
  ),
  TFE_DeleteTensorHandle: prototype<(handle: Pointer) => void>(
    'void TFE_DeleteTensorHandle(TFE_TensorHandle *)',
  ),
  TFE_TensorHandleDataType: prototype<(handle: Pointer) => number>(
    'int TFE_TensorHandleDataType(TFE_TensorHandle *)',
  ),
  TFE_TensorHandleNumDims: prototype<(handle: Pointer, status: Pointer) => number>(
    'int TFE_TensorHandleNumDims(TFE_TensorHandle *, TF_Status *)',
  ),
  TFE_TensorHandleDim: prototype<(handle: Pointer, index: number, status: Pointer) => number>(
    'int64_t TFE_TensorHandleDim(TFE_TensorHandle *, int, TF_Status *)',
  ),
  TFE_TensorHandleResolve: prototype<(handle: Pointer, status: Pointer) => Pointer>(
    'TF_Tensor *TFE_TensorHandleResolve(TFE_TensorHandle *, TF_Status *)',
  ),

  TFE_NewOp: prototype<(context: Pointer, name: string, status: Pointer) => Pointer>(
    'TFE_Op *TFE_NewOp(TFE_Context *, const char *, TF_Status *)',
  ),
  TFE_DeleteOp: prototype<(op: Pointer) => void>('void TFE_DeleteOp(TFE_Op *)'),
  TFE_OpAddInput: prototype<(op: Pointer, input: Pointer, status: Pointer) => void>(
    'void TFE_OpAddInput(TFE_Op *, TFE_TensorHandle *, TF_Status *)',
  ),
  TFE_OpGetAttrType: prototype<
    (op: Pointer, name: string, isList: Uint8Array, status: Pointer) => number
  >('int TFE_OpGetAttrType(TFE_Op *, const char *, _Out_ uint8_t *, TF_Status *)'),
  TFE_OpSetAttrString: prototype<
    (op: Pointer, name: string, value: Uint8Array, bytes: number) => void
  >('void TFE_OpSetAttrString(TFE_Op *, const char *, const uint8_t *, size_t)'),
  TFE_OpSetAttrStringList: prototype<
    (
      op: Pointer,
      name: string,
      values: readonly Uint8Array[],
      lengths: BigUint64Array,
      count: number,
    ) => void
  >('void TFE_OpSetAttrStringList(TFE_Op *, const char *, const uint8_t **, const size_t *, int)'),
  TFE_OpSetAttrInt: prototype<(op: Pointer, name: string, value: number | bigint) => void>(
    'void TFE_OpSetAttrInt(TFE_Op *, const char *, int64_t)',
  ),
  TFE_OpSetAttrIntList: prototype<
    (op: Pointer, name: string, values: BigInt64Array, count: number) => void
  >('void TFE_OpSetAttrIntList(TFE_Op *, const char *, const int64_t *, int)'),
  TFE_OpSetAttrFloat: prototype<(op: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrFloat(TFE_Op *, const char *, float)',
  ),
  TFE_OpSetAttrFloatList: prototype<
    (op: Pointer, name: string, values: Float32Array, count: number) => void
  >('void TFE_OpSetAttrFloatList(TFE_Op *, const char *, const float *, int)'),
  TFE_OpSetAttrBool: prototype<(op: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrBool(TFE_Op *, const char *, uint8_t)',
  ),
  TFE_OpSetAttrType: prototype<(op: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrType(TFE_Op *, const char *, int)',
  ),
  TFE_OpSetAttrTypeList: prototype<
    (op: Pointer, name: string, values: Int32Array, count: number) => void
  >('void TFE_OpSetAttrTypeList(TFE_Op *, const char *, const int *, int)'),
  TFE_OpSetAttrShape: prototype<
    (op: Pointer, name: string, dims: BigInt64Array, rank: number, status: Pointer) => void
  >('void TFE_OpSetAttrShape(TFE_Op *, const char *, const int64_t *, int, TF_Status *)'),
  TFE_Execute: prototype<
    (op: Pointer, outputs: (Pointer | null)[], count: [number], status: Pointer) => void
  >('void TFE_Execute(TFE_Op *, _Out_ TFE_TensorHandle **, _Inout_ int *, TF_Status *)'),
};
