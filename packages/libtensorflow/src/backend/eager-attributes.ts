import type { TensorFlowApi } from '../native/api.ts';
import type { Pointer } from '../native/prototype.ts';
import type { Status } from '../native/status.ts';
import { encodeStrings } from '../native/strings.ts';
import { bindingConstants as constants, type OpAttribute } from './binding.ts';

const kinds = ['a string', 'an integer', 'a float', 'a boolean', 'a type', 'a shape'];

/** Sets the attributes of eager ops, and checks each against what TensorFlow knows of the op: the C API itself would only log a wrong one and run on. */
export class EagerAttributes {
  readonly #api: TensorFlowApi;
  readonly #status: Status;
  /** What TensorFlow says of `op.attribute`: its kind, and whether it is a list. */
  readonly #known = new Map<string, { readonly type: number; readonly isList: boolean }>();
  readonly #isList = new Uint8Array(1);
  /** Whole numbers on their way to C, so that an op allocates none. */
  #integers = new BigInt64Array(16);

  constructor(api: TensorFlowApi, status: Status) {
    this.#api = api;
    this.#status = status;
  }

  /** @throws TypeError - if the op has no such attribute, or of another kind. */
  set(op: Pointer, opName: string, { name, type, value }: OpAttribute): void {
    const api = this.#api;
    const known = this.#describe(op, opName, name);
    const isShape = known.type === constants.TF_ATTR_SHAPE;
    if (known.type !== type || (known.isList || isShape) !== Array.isArray(value)) {
      const list = known.isList ? 'a list, each ' : '';
      throw new TypeError(
        `${opName}: expected attribute ${name} to be ${list}${kinds[known.type] ?? `kind ${known.type}`}, ` +
          `got ${JSON.stringify(value)} as ${kinds[type] ?? `kind ${type}`}.`,
      );
    }
    if (known.isList) this.#setList(op, opName, name, type, value as unknown[]);
    else if (type === constants.TF_ATTR_TYPE) api.TFE_OpSetAttrType(op, name, value as number);
    else if (type === constants.TF_ATTR_INT) api.TFE_OpSetAttrInt(op, name, value as number);
    else if (type === constants.TF_ATTR_FLOAT) api.TFE_OpSetAttrFloat(op, name, value as number);
    else if (type === constants.TF_ATTR_BOOL) api.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
    else if (type === constants.TF_ATTR_STRING) {
      const bytes = Buffer.from(value as string);
      api.TFE_OpSetAttrString(op, name, bytes, bytes.byteLength);
    } else {
      const dims = value as number[];
      const status = this.#status;
      api.TFE_OpSetAttrShape(op, name, this.#asInt64(dims), dims.length, status.pointer);
      status.check(opName);
    }
  }

  #setList(op: Pointer, opName: string, name: string, type: number, values: unknown[]): void {
    const api = this.#api;
    const numbers = values as number[];
    const count = numbers.length;
    if (type === constants.TF_ATTR_INT) {
      api.TFE_OpSetAttrIntList(op, name, this.#asInt64(numbers), count);
    } else if (type === constants.TF_ATTR_FLOAT) {
      api.TFE_OpSetAttrFloatList(op, name, Float32Array.from(numbers), count);
    } else if (type === constants.TF_ATTR_TYPE) {
      api.TFE_OpSetAttrTypeList(op, name, Int32Array.from(numbers), count);
    } else if (type === constants.TF_ATTR_STRING) {
      const { strings, lengths } = encodeStrings(values as string[]);
      api.TFE_OpSetAttrStringList(op, name, strings, lengths, count);
    } else {
      throw new TypeError(
        `${opName}: attribute ${name} is a list of a kind that is not supported.`,
      );
    }
  }

  #describe(op: Pointer, opName: string, name: string) {
    const key = `${opName}.${name}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const type = this.#api.TFE_OpGetAttrType(op, name, this.#isList, this.#status.pointer);
      this.#status.check(opName);
      known = { type, isList: this.#isList[0] !== 0 };
      this.#known.set(key, known);
    }
    return known;
  }

  #asInt64(values: readonly number[]): BigInt64Array {
    if (values.length > this.#integers.length) this.#integers = new BigInt64Array(values.length);
    for (let i = 0; i < values.length; i++) this.#integers[i] = BigInt(values[i]!);
    return this.#integers;
  }
}
