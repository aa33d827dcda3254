import { bytesOf, type Constant } from '../graph/nodes.ts';
import { DataType } from '../proto/tensorflow.generated.ts';

/** How many bits a weight takes: float16 and uint8 keep kernels, which are most of a network, in fewer. */
export type Quantization = 'float16' | 'uint8';

/** An entry of TensorFlow.js's `weightsManifest`. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly quantization?: {
    readonly dtype: Quantization;
    readonly min?: number;
    readonly scale?: number;
  };
}

/** A weight as it is stored. */
export interface StoredWeight {
  readonly entry: WeightEntry;
  readonly bytes: Uint8Array;
}

const dtypes: Partial<Record<DataType, WeightEntry['dtype']>> = {
  [DataType.DT_FLOAT]: 'float32',
  [DataType.DT_INT32]: 'int32',
  [DataType.DT_BOOL]: 'bool',
};

/**
 * The bytes of a constant, and what the manifest says of them.
 *
 * With a quantization, kernels of float32, which have two dimensions or more, become float16, or uint8 by
 * `q = round((w - min) / scale)` with min and scale of the whole kernel, so that 0 stays 0; a depthwise kernel stays float16 then, for its channels differ
 * in range by far more than 256 steps can show, and it is small.
 *
 * @throws TypeError for a type that TensorFlow.js does not load.
 */
export function storeWeight(
  name: string,
  { dtype: type, shape, values }: Constant,
  quantization: Quantization | null,
  isDepthwise: boolean,
): StoredWeight {
  const dtype = dtypes[type];
  if (!dtype) {
    throw new TypeError(
      `exportModel: expected constants of ${Object.values(dtypes).join(', ')}, got type ${type} in ${name}. Cast it in the network`,
    );
  }
  const entry = { name, shape, dtype };
  if (quantization === null || dtype !== 'float32' || shape.length < 2) {
    return { entry, bytes: bytesOf(values) };
  }
  if (quantization === 'float16' || isDepthwise) {
    const halves = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) halves[i] = toHalf(values[i]!);
    const bytes = bytesOf(halves);
    return { entry: { ...entry, quantization: { dtype: 'float16' } }, bytes };
  }
  const { min, scale } = stepsOver(values);
  const steps = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) steps[i] = Math.round((values[i]! - min) / scale);
  return { entry: { ...entry, quantization: { dtype: 'uint8', min, scale } }, bytes: steps };
}

/** 256 steps over all values, one of them 0: the zeros between the groups of a kernel would add up to something. */
function stepsOver(values: ArrayLike<number>): { readonly min: number; readonly scale: number } {
  let [least, greatest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    greatest = Math.max(greatest, values[i]!);
  }
  // A step less than there is room for, as 0 moves by up to half of one.
  const scale = (greatest - least) / 254 || 1;
  return { min: Math.round(least / scale) * scale, scale };
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The bits of the nearest float16, ties to even; beyond 65504 the greatest one, for a weight is never infinite. */
export function toHalf(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.min(Math.abs(value), 65504);
  // Below 2^-14 the steps are 2^-24.
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  scratch[0] = magnitude;
  const rounded = scratchBits[0]! + 0xfff + ((scratchBits[0]! >>> 13) & 1);
  return sign | Math.min((rounded >>> 13) - (112 << 10), 0x7bff);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
