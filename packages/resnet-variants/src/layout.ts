/** Axis orders of one tensor in TensorFlow.js and in PyTorch. */
export interface Layout {
  readonly toTorch: readonly number[];
  readonly fromTorch: readonly number[];
}

/** Kernels: HWIO here, OIHW there. */
const KERNEL: Layout = { toTorch: [3, 2, 0, 1], fromTorch: [2, 3, 1, 0] };
/** The dense layer: [in, out] here, [out, in] there. */
const DENSE: Layout = { toTorch: [1, 0], fromTorch: [1, 0] };
const SAME: Layout = { toTorch: [0], fromTorch: [0] };

/** The layout of a ResNet's tensor, which its rank decides: 4 a kernel, 2 the dense layer, 1 anything else. */
export function layoutOf(rank: number): Layout {
  if (rank === 4) return KERNEL;
  return rank === 2 ? DENSE : SAME;
}

/** A copy with its axes reordered: axis i of the result is axis `order[i]` of the input. */
export function transpose(
  data: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const outputShape = order.map((axis) => shape[axis]!);
  const outputStrides = order.map((axis) => strides[axis]!);
  const output = new Float32Array(data.length);
  let position = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis === outputShape.length) {
      output[position++] = data[offset]!;
      return;
    }
    const [size, stride] = [outputShape[axis]!, outputStrides[axis]!];
    for (let index = 0; index < size; index++) copy(axis + 1, offset + index * stride);
  };
  copy(0, 0);
  return output;
}
