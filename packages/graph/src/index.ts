export { type CompileOptions, compile } from './compile.ts';
export type {
  CompiledFunction,
  NamedVariables,
  SharedState,
  TraceInfo,
} from './compiled-function.ts';
export type { InputDataType, InputSpec } from './inputs/input-spec.ts';
export type { InputValue, NativeTensor } from './inputs/input-values.ts';
export type { InputSpecs, InputValues, TracedInputs } from './inputs/traced-inputs.ts';
export type { Result, Results, TracedResult } from './outputs/results.ts';
export type { OutputDataType, TensorValue } from './outputs/tensor-value.ts';
export type { OpTime, Profile } from './profile/profile.ts';
export type { SessionOptions } from './session-options.ts';
export type { VariableValue, VariableValues } from './state-transfer.ts';
