import type { Binding, OpAttribute, TensorMetadata } from '@bag-of-tricks/libtensorflow/native';
import { cast } from './cast.ts';
import { FLOAT, type LowPrecision, lowTypes } from './low-precision.ts';
import { policy, type Rule } from './policy.ts';
import type { PrecisionProbe } from './probe.ts';

/** What a step computes in, and whether the device's own kernels do. */
export interface Precision {
  readonly dtype: LowPrecision;
  readonly native: PrecisionProbe['native'];
}

/** Decorates a binding: runs each op in the precision that the policy says, and tells JavaScript that all is float32. */
export class AutocastBinding {
  readonly binding: Binding;
  readonly dtype: LowPrecision;
  readonly native: Precision['native'];
  readonly #inner: Binding;
  readonly #type: number;
  /** Tensors in low precision that JavaScript knows by these ids. */
  readonly #low = new Set<number>();
  /** The low-precision copies of float32 tensors, so that a weight is cast once, not once a use. */
  readonly #copies = new Map<number, number>();

  constructor(inner: Binding, { dtype, native }: Precision) {
    this.#inner = inner;
    this.dtype = dtype;
    this.native = native;
    this.#type = lowTypes[dtype];
    // TensorFlow's constants are inherited; methods run on `inner`, which may have private state.
    this.binding = Object.assign(Object.create(inner) as Binding, {
      createTensor: inner.createTensor.bind(inner),
      deleteTensor: (id: number) => this.#delete(id),
      tensorDataSync: (id: number) => this.#withWide([id], ([wide]) => inner.tensorDataSync(wide!)),
      executeOp: (
        name: string,
        attributes: readonly OpAttribute[],
        ids: readonly number[],
        outputCount: number,
      ) => this.#execute(name, attributes, ids, outputCount),
      isUsingGpuDevice: inner.isUsingGpuDevice.bind(inner),
      getNumOfTensors: inner.getNumOfTensors.bind(inner),
    });
  }

  isLow(id: number): boolean {
    return this.#low.has(id);
  }

  /** Takes a low-precision tensor out of the decorator's care: returns the id of its float32 values, which replace it. */
  release(id: number): number {
    const wide = cast(this.#inner, id, this.#type, FLOAT);
    this.#delete(id);
    return wide;
  }

  /** Frees the copies. */
  dispose(): void {
    for (const copy of this.#copies.values()) this.#inner.deleteTensor(copy);
    this.#copies.clear();
  }

  #execute(
    name: string,
    attributes: readonly OpAttribute[],
    ids: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const rule = policy[name];
    const isOther = attributes.some((one) => one.name === 'T' && one.value !== FLOAT);
    if (rule === undefined || isOther || !this.#runsLow(rule, ids)) {
      return this.#withWide(ids, (wide) =>
        this.#inner.executeOp(name, attributes, wide, outputCount),
      );
    }
    const operands = operandsOf(rule, ids.length);
    if (rule.emulated !== undefined && this.native === 'emulated') {
      const rounded = ids.map((id, i) => (operands.includes(i) ? this.#narrow(id) : id));
      const low = new Set(operands.map((i) => rounded[i]!));
      const outputs = this.#withWide(
        rounded,
        (wide) => this.#inner.executeOp(name, attributes, wide, outputCount),
        (id) => low.has(id) || this.isLow(id),
      );
      return rule.master ? outputs : this.#round(outputs);
    }
    const typed = attributes.map((one) => (one.name === 'T' ? { ...one, value: this.#type } : one));
    const others = ids.filter((_, i) => !operands.includes(i));
    const outputs = this.#withWide(others, (wide) => {
      const rest = [...wide];
      const inputs = ids.map((id, i) => (operands.includes(i) ? this.#narrow(id) : rest.shift()!));
      if (name === 'FusedBatchNorm') return this.#batchNormV3(typed, inputs);
      return this.#inner.executeOp(name, typed, inputs, outputCount);
    });
    return this.#report(name, rule, outputs);
  }

  #runsLow({ runs, operands, leader }: Rule, ids: readonly number[]): boolean {
    if (runs === 'low') return true;
    if (leader !== undefined) return this.isLow(ids[leader]!);
    return operandsOf({ operands }, ids.length).every((i) => this.isLow(ids[i]!));
  }

  /** The outputs as JavaScript may know them. */
  #report(name: string, { runs, master }: Rule, outputs: TensorMetadata[]): TensorMetadata[] {
    if (runs === 'low' && outputs[0]?.dtype !== this.#type) {
      throw new Error(
        `autocast: expected ${name} to return ${this.dtype} (type ${this.#type}), got type ${outputs[0]?.dtype}. This TensorFlow cannot do it.`,
      );
    }
    return outputs.map((output) => {
      if (output.dtype !== this.#type) return output;
      if (!master) {
        this.#low.add(output.id);
        return { ...output, dtype: FLOAT };
      }
      const id = cast(this.#inner, output.id, this.#type, FLOAT);
      this.#inner.deleteTensor(output.id);
      return { ...output, id, dtype: FLOAT };
    });
  }

  /** Batch norm in evaluation mode, by the op that has types for activations and statistics; it has one output more. */
  #batchNormV3(attributes: readonly OpAttribute[], ids: readonly number[]): TensorMetadata[] {
    const inner = this.#inner;
    const typed = [...attributes, { name: 'U', type: inner.TF_ATTR_TYPE, value: FLOAT }];
    const outputs = inner.executeOp('FusedBatchNormV3', typed, ids, 6);
    inner.deleteTensor(outputs.pop()!.id);
    return outputs;
  }

  /** Rounds what was computed in float32: of all outputs the first has the op's type T. */
  #round([wide, ...rest]: TensorMetadata[]): TensorMetadata[] {
    const id = cast(this.#inner, wide!.id, FLOAT, this.#type);
    this.#inner.deleteTensor(wide!.id);
    this.#low.add(id);
    return [{ ...wide!, id }, ...rest];
  }

  #narrow(id: number): number {
    if (this.isLow(id)) return id;
    let copy = this.#copies.get(id);
    if (copy === undefined) {
      copy = cast(this.#inner, id, FLOAT, this.#type);
      this.#copies.set(id, copy);
    }
    return copy;
  }

  /** Runs `action` on float32 tensors; the copies that this takes are not kept, for they would outlive their use. */
  #withWide<T>(
    ids: readonly number[],
    action: (ids: readonly number[]) => T,
    isLow = (id: number) => this.isLow(id),
  ): T {
    const temporary: number[] = [];
    try {
      const wide = ids.map((id) => {
        if (!isLow(id)) return id;
        const copy = cast(this.#inner, id, this.#type, FLOAT);
        temporary.push(copy);
        return copy;
      });
      return action(wide);
    } finally {
      for (const copy of temporary) this.#inner.deleteTensor(copy);
    }
  }

  #delete(id: number): void {
    this.#low.delete(id);
    const copy = this.#copies.get(id);
    if (copy !== undefined) this.#inner.deleteTensor(copy);
    this.#copies.delete(id);
    this.#inner.deleteTensor(id);
  }
}

function operandsOf({ operands }: Pick<Rule, 'operands'>, inputCount: number): readonly number[] {
  if (typeof operands === 'object') return operands;
  return Array.from({ length: operands === 'all' ? inputCount : inputCount - 1 }, (_, i) => i);
}
