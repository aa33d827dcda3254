import { DataType } from '../proto/tensorflow.generated.ts';

/** TensorFlow's numbers of the types that TensorFlow.js has. */
export const dataTypes = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  bool: DataType.DT_BOOL,
} as const;
