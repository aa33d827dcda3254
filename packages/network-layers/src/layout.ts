/** Axis orders of one tensor in TensorFlow.js and in PyTorch. */
export interface Layout {
  readonly toTorch: readonly number[];
  readonly fromTorch: readonly number[];
}

/** Kernels: HWIO here, OIHW there. */
const KERNEL: Layout = { toTorch: [3, 2, 0, 1], fromTorch: [2, 3, 1, 0] };
/** The dense layer: [in, out] here, [out, in] there. */
const DENSE: Layout = { toTorch: [1, 0], fromTorch: [1, 0] };
/** The layout of a tensor, which its rank decides: 4 a kernel, 2 a dense layer, any other the same in both. */
export function layoutOf(rank: number): Layout {
  if (rank === 4) return KERNEL;
  if (rank === 2) return DENSE;
  const same = Array.from({ length: rank }, (_, axis) => axis);
  return { toTorch: same, fromTorch: same };
}

/** The number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A copy with its axes reordered: axis i of the result is axis `order[i]` of the input. */
export function transpose(
  data: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const output = new Float32Array(data.length);
  let position = 0;
  const copy = (depth: number, offset: number): void => {
    const axis = order[depth]!;
    const [size, stride] = [shape[axis]!, strides[axis]!];
    const isLast = depth === order.length - 1;
    for (let index = 0; index < size; index++) {
      // One assignment a value and no call: a ResNet-50 has 25 million of them.
      if (isLast) output[position++] = data[offset + index * stride]!;
      else copy(depth + 1, offset + index * stride);
    }
  };
  copy(0, 0);
  return output;
}
