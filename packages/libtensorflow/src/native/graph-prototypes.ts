import { type Pointer, prototype } from './prototype.ts';

/** One output of one operation of a graph. */
export interface GraphOutput {
  readonly oper: Pointer;
  readonly index: number;
}

/** TensorFlow's C API for building a graph and running it in a session (tensorflow/c/c_api.h). */
export const graphPrototypes = {
  TF_NewGraph: prototype<() => Pointer>('TF_Graph *TF_NewGraph()'),
  TF_DeleteGraph: prototype<(graph: Pointer) => void>('void TF_DeleteGraph(TF_Graph *)'),
  TF_NewOperation: prototype<(graph: Pointer, op: string, name: string) => Pointer>(
    'TF_OperationDescription *TF_NewOperation(TF_Graph *, const char *, const char *)',
  ),
  TF_AddInput: prototype<(description: Pointer, input: GraphOutput) => void>(
    'void TF_AddInput(TF_OperationDescription *, TF_Output)',
  ),
  TF_AddInputList: prototype<
    (description: Pointer, inputs: readonly GraphOutput[], count: number) => void
  >('void TF_AddInputList(TF_OperationDescription *, const TF_Output *, int)'),
  TF_AddControlInput: prototype<(description: Pointer, operation: Pointer) => void>(
    'void TF_AddControlInput(TF_OperationDescription *, TF_Operation *)',
  ),
  TF_SetDevice: prototype<(description: Pointer, device: string) => void>(
    'void TF_SetDevice(TF_OperationDescription *, const char *)',
  ),
  TF_SetAttrString: prototype<
    (description: Pointer, name: string, value: Uint8Array, bytes: number) => void
  >('void TF_SetAttrString(TF_OperationDescription *, const char *, const uint8_t *, size_t)'),
  TF_SetAttrStringList: prototype<
    (
      description: Pointer,
      name: string,
      values: readonly Uint8Array[],
      lengths: BigUint64Array,
      count: number,
    ) => void
  >(
    'void TF_SetAttrStringList(TF_OperationDescription *, const char *, const uint8_t **, const size_t *, int)',
  ),
  TF_SetAttrInt: prototype<(description: Pointer, name: string, value: number | bigint) => void>(
    'void TF_SetAttrInt(TF_OperationDescription *, const char *, int64_t)',
  ),
  TF_SetAttrIntList: prototype<
    (description: Pointer, name: string, values: BigInt64Array, count: number) => void
  >('void TF_SetAttrIntList(TF_OperationDescription *, const char *, const int64_t *, int)'),
  TF_SetAttrFloat: prototype<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrFloat(TF_OperationDescription *, const char *, float)',
  ),
  TF_SetAttrFloatList: prototype<
    (description: Pointer, name: string, values: Float32Array, count: number) => void
  >('void TF_SetAttrFloatList(TF_OperationDescription *, const char *, const float *, int)'),
  TF_SetAttrBool: prototype<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrBool(TF_OperationDescription *, const char *, uint8_t)',
  ),
  TF_SetAttrType: prototype<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrType(TF_OperationDescription *, const char *, int)',
  ),
  TF_SetAttrTypeList: prototype<
    (description: Pointer, name: string, values: Int32Array, count: number) => void
  >('void TF_SetAttrTypeList(TF_OperationDescription *, const char *, const int *, int)'),
  TF_SetAttrShape: prototype<
    (description: Pointer, name: string, dims: BigInt64Array, rank: number) => void
  >('void TF_SetAttrShape(TF_OperationDescription *, const char *, const int64_t *, int)'),
  TF_SetAttrTensor: prototype<
    (description: Pointer, name: string, value: Pointer, status: Pointer) => void
  >('void TF_SetAttrTensor(TF_OperationDescription *, const char *, TF_Tensor *, TF_Status *)'),
  TF_FinishOperation: prototype<(description: Pointer, status: Pointer) => Pointer>(
    'TF_Operation *TF_FinishOperation(TF_OperationDescription *, TF_Status *)',
  ),
  TF_OperationNumOutputs: prototype<(operation: Pointer) => number>(
    'int TF_OperationNumOutputs(TF_Operation *)',
  ),
  TF_OperationOutputType: prototype<(output: GraphOutput) => number>(
    'int TF_OperationOutputType(TF_Output)',
  ),
  TF_GraphGetTensorNumDims: prototype<
    (graph: Pointer, output: GraphOutput, status: Pointer) => number
  >('int TF_GraphGetTensorNumDims(TF_Graph *, TF_Output, TF_Status *)'),
  TF_GraphGetTensorShape: prototype<
    (
      graph: Pointer,
      output: GraphOutput,
      dims: BigInt64Array,
      rank: number,
      status: Pointer,
    ) => void
  >('void TF_GraphGetTensorShape(TF_Graph *, TF_Output, _Out_ int64_t *, int, TF_Status *)'),
  TF_GraphOperationByName: prototype<(graph: Pointer, name: string) => Pointer | null>(
    'TF_Operation *TF_GraphOperationByName(TF_Graph *, const char *)',
  ),

  TF_NewImportGraphDefOptions: prototype<() => Pointer>(
    'TF_ImportGraphDefOptions *TF_NewImportGraphDefOptions()',
  ),
  TF_DeleteImportGraphDefOptions: prototype<(options: Pointer) => void>(
    'void TF_DeleteImportGraphDefOptions(TF_ImportGraphDefOptions *)',
  ),
  TF_GraphImportGraphDef: prototype<
    (graph: Pointer, graphDef: Pointer, options: Pointer, status: Pointer) => void
  >(
    'void TF_GraphImportGraphDef(TF_Graph *, const TF_Buffer *, const TF_ImportGraphDefOptions *, TF_Status *)',
  ),
  TF_LoadSessionFromSavedModel: prototype<
    (
      options: Pointer,
      runOptions: Pointer | null,
      folder: string,
      tags: readonly string[],
      tagCount: number,
      graph: Pointer,
      metaGraphDef: Pointer | null,
      status: Pointer,
    ) => Pointer
  >(
    'TF_Session *TF_LoadSessionFromSavedModel(const TF_SessionOptions *, const TF_Buffer *, const char *, ' +
      'const char *const *, int, TF_Graph *, TF_Buffer *, TF_Status *)',
  ),

  TF_NewBuffer: prototype<() => Pointer>('TF_Buffer *TF_NewBuffer()'),
  TF_NewBufferFromString: prototype<(bytes: Uint8Array, length: number) => Pointer>(
    'TF_Buffer *TF_NewBufferFromString(const uint8_t *, size_t)',
  ),
  TF_DeleteBuffer: prototype<(buffer: Pointer) => void>('void TF_DeleteBuffer(TF_Buffer *)'),
  TF_GraphToGraphDef: prototype<(graph: Pointer, buffer: Pointer, status: Pointer) => void>(
    'void TF_GraphToGraphDef(TF_Graph *, TF_Buffer *, TF_Status *)',
  ),

  TF_NewSessionOptions: prototype<() => Pointer>('TF_SessionOptions *TF_NewSessionOptions()'),
  TF_SetConfig: prototype<
    (options: Pointer, config: Uint8Array, bytes: number, status: Pointer) => void
  >('void TF_SetConfig(TF_SessionOptions *, const uint8_t *, size_t, TF_Status *)'),
  TF_SetTarget: prototype<(options: Pointer, target: string) => void>(
    'void TF_SetTarget(TF_SessionOptions *, const char *)',
  ),
  TF_DeleteSessionOptions: prototype<(options: Pointer) => void>(
    'void TF_DeleteSessionOptions(TF_SessionOptions *)',
  ),
  TF_NewSession: prototype<(graph: Pointer, options: Pointer, status: Pointer) => Pointer>(
    'TF_Session *TF_NewSession(TF_Graph *, const TF_SessionOptions *, TF_Status *)',
  ),
  TF_CloseSession: prototype<(session: Pointer, status: Pointer) => void>(
    'void TF_CloseSession(TF_Session *, TF_Status *)',
  ),
  TF_DeleteSession: prototype<(session: Pointer, status: Pointer) => void>(
    'void TF_DeleteSession(TF_Session *, TF_Status *)',
  ),
  TF_SessionRun: prototype<
    (
      session: Pointer,
      runOptions: Pointer | null,
      inputs: readonly GraphOutput[],
      inputValues: readonly Pointer[],
      inputCount: number,
      outputs: readonly GraphOutput[],
      outputValues: (Pointer | null)[],
      outputCount: number,
      targets: readonly Pointer[],
      targetCount: number,
      runMetadata: Pointer | null,
      status: Pointer,
    ) => void
  >(
    'void TF_SessionRun(TF_Session *, const TF_Buffer *, const TF_Output *, TF_Tensor *const *, int, ' +
      'const TF_Output *, _Out_ TF_Tensor **, int, const TF_Operation *const *, int, TF_Buffer *, TF_Status *)',
  ),

  TF_NewServer: prototype<(definition: Uint8Array, bytes: number, status: Pointer) => Pointer>(
    'TF_Server *TF_NewServer(const uint8_t *, size_t, TF_Status *)',
  ),
  TF_ServerStart: prototype<(server: Pointer, status: Pointer) => void>(
    'void TF_ServerStart(TF_Server *, TF_Status *)',
  ),
  TF_ServerTarget: prototype<(server: Pointer) => string>(
    'const char *TF_ServerTarget(TF_Server *)',
  ),
};
