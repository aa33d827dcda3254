import {
  cast,
  type DataType,
  type KernelConfig,
  type NamedTensorInfoMap,
  type Tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';

/** What stands in for a type that a kernel's TensorFlow op lacks. */
interface Substitute {
  /** The type to compute in. */
  readonly compute: DataType;
  /** The type to return the (first) output in. Default: as it is. */
  readonly result?: DataType;
}

type Substitutes = Partial<Record<DataType, Substitute>>;

/** A function into the real numbers: float32, as tfjs's own tests want of `exp` and `leakyRelu`. */
const inFloats: Substitutes = { int32: { compute: 'float32' }, bool: { compute: 'float32' } };
/** Arithmetic on truth values: in whole numbers; what is not 0 is true. */
const truthInTruthOut: Substitutes = { bool: { compute: 'int32', result: 'bool' } };
/** A sum of truth values is their count, as in `tf.sum`. */
const truthCounts: Substitutes = { bool: { compute: 'int32' } };

/** The kernels of tfjs-node whose TensorFlow op lacks a type that tfjs lets through: without this, TensorFlow refuses it in an error. */
export const substitutesByKernel: Readonly<Record<string, Substitutes>> = {
  ...forEach(
    ['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Exp', 'Expm1', 'LeakyRelu'],
    inFloats,
  ),
  ...forEach(['Log1p', 'Prelu', 'Reciprocal', 'Selu', 'Sinh', 'Softplus'], inFloats),
  ...forEach(['IsFinite', 'IsInf', 'IsNan'], inFloats),
  ...forEach(['Complex', 'Conv3D', 'FusedBatchNorm', 'LRN', 'MaxPool3D'], inFloats),
  ...forEach(['Conv2DBackpropInput', 'Conv3DBackpropInputV2'], inFloats),
  ...forEach(['NonMaxSuppressionV4', 'NonMaxSuppressionV5'], inFloats),
  ...forEach(['CropAndResize', 'Dilation2D', 'ResizeBilinear', 'SparseSegmentMean'], {
    bool: { compute: 'float32' },
  }),
  ...forEach(['Abs', 'Neg', 'Relu', 'Relu6', 'Sign', 'Square'], truthInTruthOut),
  ...forEach(
    ['Add', 'AddN', 'Mod', 'Multiply', 'Pow', 'SquaredDifference', 'Sub'],
    truthInTruthOut,
  ),
  ...forEach(
    ['BatchMatMul', 'ClipByValue', 'Max', 'MaxPool', 'MaxPoolWithArgmax', 'Min', 'TopK'],
    truthInTruthOut,
  ),
  ...forEach(['BatchToSpaceND', 'Diag', 'SpaceToBatchND'], truthInTruthOut),
  ...forEach(['Greater', 'GreaterEqual', 'Less', 'LessEqual'], truthCounts),
  ...forEach(
    ['Bincount', 'Cumprod', 'Cumsum', 'DenseBincount', 'Einsum', 'SearchSorted'],
    truthCounts,
  ),
  // tfjs-node casts too, by a method that tensors have in a full @tensorflow/tfjs alone.
  ...forEach(['ArgMax', 'ArgMin'], truthCounts),
  ...forEach(['FloorDiv', 'SparseSegmentSum', 'UnsortedSegmentSum'], truthCounts),
  // tfjs-node casts too, but tells TensorFlow the type before, which a graph does not forgive.
  Mean: inFloats,
  RealDiv: inFloats,
  Step: {
    int32: { compute: 'float32', result: 'int32' },
    bool: { compute: 'float32', result: 'bool' },
  },
};

function forEach(kernels: string[], substitutes: Substitutes): Record<string, Substitutes> {
  return Object.fromEntries(kernels.map((kernel) => [kernel, substitutes]));
}

/** tfjs-node's kernel, made to take the types that its TensorFlow op lacks. */
export function withSubstituteTypes(stock: KernelConfig, substitutes: Substitutes): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const tensors = Object.values(call.inputs) as TensorInfo[];
      const lacking = tensors.find((tensor) => substitutes[tensor?.dtype] !== undefined);
      if (lacking === undefined) return stock.kernelFunc(call);
      const { compute, result } = substitutes[lacking.dtype]!;
      return tidy(() => {
        const substitute = (tensor: TensorInfo) =>
          tensor?.dtype === lacking.dtype ? cast(tensor as Tensor, compute) : tensor;
        const outputs = stock.kernelFunc({ ...call, inputs: map(call.inputs, substitute) });
        const [first, ...others] = [outputs].flat() as Tensor[];
        const restored = result === undefined ? first! : cast(first!, result);
        return Array.isArray(outputs) ? [restored, ...others] : restored;
      });
    },
  };
}

/** Inputs come under names, or as a list from kernels that take any number. */
function map(inputs: NamedTensorInfoMap, change: (tensor: TensorInfo) => TensorInfo) {
  if (Array.isArray(inputs)) return inputs.map(change) as unknown as NamedTensorInfoMap;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, change(tensor!)]),
  );
}
