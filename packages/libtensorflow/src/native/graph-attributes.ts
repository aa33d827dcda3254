import { bindingConstants as constants, type OpAttribute } from '../backend/binding.ts';
import type { TensorFlowApi } from './api.ts';
import type { Pointer } from './prototype.ts';
import { encodeStrings } from './strings.ts';

/** Sets an attribute of an operation that is being described, as tfjs-node's kernels write attributes. */
export function setAttribute(
  api: TensorFlowApi,
  description: Pointer,
  { name, type, value }: OpAttribute,
): void {
  if (type === constants.TF_ATTR_SHAPE) {
    const dims = BigInt64Array.from(value as number[], BigInt);
    api.TF_SetAttrShape(description, name, dims, dims.length);
  } else if (Array.isArray(value)) {
    setList(api, description, name, type, value);
  } else if (type === constants.TF_ATTR_TYPE) {
    api.TF_SetAttrType(description, name, value as number);
  } else if (type === constants.TF_ATTR_INT) {
    api.TF_SetAttrInt(description, name, value as number);
  } else if (type === constants.TF_ATTR_FLOAT) {
    api.TF_SetAttrFloat(description, name, value as number);
  } else if (type === constants.TF_ATTR_BOOL) {
    api.TF_SetAttrBool(description, name, value ? 1 : 0);
  } else {
    const bytes = Buffer.from(value as string);
    api.TF_SetAttrString(description, name, bytes, bytes.byteLength);
  }
}

function setList(
  api: TensorFlowApi,
  description: Pointer,
  name: string,
  type: number,
  values: readonly unknown[],
): void {
  const numbers = values as readonly number[];
  const count = values.length;
  if (type === constants.TF_ATTR_INT) {
    api.TF_SetAttrIntList(description, name, BigInt64Array.from(numbers, BigInt), count);
  } else if (type === constants.TF_ATTR_FLOAT) {
    api.TF_SetAttrFloatList(description, name, Float32Array.from(numbers), count);
  } else if (type === constants.TF_ATTR_TYPE) {
    api.TF_SetAttrTypeList(description, name, Int32Array.from(numbers), count);
  } else if (type === constants.TF_ATTR_STRING) {
    const { strings, lengths } = encodeStrings(values as string[]);
    api.TF_SetAttrStringList(description, name, strings, lengths, count);
  } else {
    throw new TypeError(
      `setAttribute: attribute ${name} is a list of a kind that is not supported.`,
    );
  }
}

/** The attribute that names a tensor's type. */
export function typeAttribute(name: string, dtype: number): OpAttribute {
  return { name, type: constants.TF_ATTR_TYPE, value: dtype };
}

/** The attribute that names a tensor's shape. */
export function shapeAttribute(name: string, shape: readonly number[]): OpAttribute {
  return { name, type: constants.TF_ATTR_SHAPE, value: shape };
}
