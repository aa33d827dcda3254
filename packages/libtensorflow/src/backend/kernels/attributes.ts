import type { Binding, OpAttribute } from '../binding.ts';

/** A `type` attribute that says float32. */
export function floatType(binding: Binding, name: string): OpAttribute {
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}

export function float(binding: Binding, name: string, value: number): OpAttribute {
  return { name, type: binding.TF_ATTR_FLOAT, value };
}

export function boolean(binding: Binding, name: string, value: boolean): OpAttribute {
  return { name, type: binding.TF_ATTR_BOOL, value };
}

export function string(binding: Binding, name: string, value: string): OpAttribute {
  return { name, type: binding.TF_ATTR_STRING, value };
}

export function integers(binding: Binding, name: string, value: readonly number[]): OpAttribute {
  return { name, type: binding.TF_ATTR_INT, value };
}
