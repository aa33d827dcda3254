import * as tf from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../node-backend.ts';
import { compareStrings } from './compare-strings.ts';
import { runOp } from './run-op.ts';

type Inputs = Record<string, tf.Tensor>;
/** Runs the kernel below on other inputs, or with other attributes. */
type Stock = (inputs: Inputs, attributes?: tf.NamedAttrMap) => tf.Tensor;
/** What runs instead of a kernel; `undefined` for a call that it computes as tfjs promises. */
type Exception = (
  inputs: Inputs,
  stock: Stock,
  attributes: never,
  backend: NodeBackend,
) => tf.Tensor | undefined;

const order =
  (holds: (a: string, b: string) => boolean): Exception =>
  ({ a, b }) =>
    a!.dtype === 'string' ? compareStrings(a!, b!, holds) : undefined;

/** Kernels where TensorFlow's op refuses, or computes otherwise, what tfjs allows. */
const table: Record<string, Exception> = {
  // TensorFlow rounds whole numbers to zero.
  [tf.Round]: ({ x }) => (['int32', 'bool'].includes(x!.dtype) ? tf.clone(x!) : undefined),

  // The sign of NaN is 0 in tfjs.
  [tf.Sign]: ({ x }) =>
    x!.dtype === 'float32'
      ? tf.sub(tf.cast(tf.greater(x!, 0), 'float32'), tf.cast(tf.less(x!, 0), 'float32'))
      : undefined,

  // With tfjs-node's subtraction of infinities it was NaN at infinity.
  [tf.Prelu]: ({ x, alpha }) => tf.where(tf.greaterEqual(x!, 0), x!, tf.mul(x!, alpha!)),

  // int32 has no infinite bounds: tfjs-node made them 0, and so all numbers.
  [tf.ClipByValue]: ({ x }, stock, { clipValueMin, clipValueMax }: tf.ClipByValueAttrs) =>
    x!.dtype === 'int32'
      ? stock(
          { x: x! },
          { clipValueMin: toInt32(clipValueMin), clipValueMax: toInt32(clipValueMax) },
        )
      : undefined,

  // tfjs-node names the wider of two types to TensorFlow; its tensors must have it.
  [tf.Select]: ({ condition, t, e }, stock) => {
    if (t!.dtype === e!.dtype) return undefined;
    const dtype = tf.backend_util.upcastType(t!.dtype, e!.dtype);
    return stock({ condition: condition!, t: tf.cast(t!, dtype), e: tf.cast(e!, dtype) });
  },

  // A vector of indices is one of rows; to TensorFlow it is one index.
  [tf.ScatterNd]: ({ indices, ...others }, stock) =>
    indices!.rank === 1 ? stock({ ...others, indices: tf.expandDims(indices!, 1) }) : undefined,

  // TensorFlow takes a label that no input has for an axis of size 1.
  [tf.Einsum]: (_inputs, _stock, { equation }: tf.EinsumAttrs) => {
    const [inputs, output = ''] = equation.replaceAll(/[\s,]/g, '').split('->') as [
      string,
      string?,
    ];
    const unknown = [...output].find((label) => !inputs.includes(label));
    if (unknown === undefined) return undefined;
    throw new Error(
      `Output subscripts contain the label ${unknown} not present in the input subscripts.`,
    );
  },

  // Where a window holds numbers, its maximum is one of them.
  [tf.MaxPoolWithArgmax]: ({ x }, stock) =>
    x!.dtype === 'float32'
      ? stock({ x: tf.where(tf.isNaN(x!), Number.NEGATIVE_INFINITY, x!) })
      : undefined,

  [tf.SparseSegmentMean]: ({ data, ...segments }, _stock, _attributes, backend) => {
    if (data!.dtype !== 'int32') return undefined;
    const sum = (values: tf.Tensor) =>
      tf.engine().runKernel(tf.SparseSegmentSum, { data: values, ...segments }) as tf.Tensor;
    const ones = tf.ones([data!.shape[0]!, ...data!.shape.slice(1).map(() => 1)], 'int32');
    const counts = tf.maximum(sum(ones), tf.scalar(1, 'int32'));
    return runOp(backend, { op: 'TruncateDiv', inputs: [sum(data!), counts] })[0];
  },

  // TensorFlow has no order of strings.
  [tf.Greater]: order((a, b) => a > b),
  [tf.GreaterEqual]: order((a, b) => a >= b),
  [tf.Less]: order((a, b) => a < b),
  [tf.LessEqual]: order((a, b) => a <= b),
};

/** For each kernel of the table, what wraps the one that is registered. */
export const exceptionKernels: Readonly<
  Record<string, (stock: tf.KernelConfig) => tf.KernelConfig>
> = Object.fromEntries(
  Object.entries(table).map(([name, exception]) => [
    name,
    (stock: tf.KernelConfig) => ({ ...stock, kernelFunc: withException(stock, exception) }),
  ]),
);

function toInt32(value: number): number {
  return Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1));
}

function withException({ kernelFunc }: tf.KernelConfig, exception: Exception): tf.KernelFunc {
  return (call) => {
    const inputs = call.inputs as Inputs;
    let isStock = false;
    const result = tf.tidy(() => {
      const stock: Stock = (replaced, attrs = call.attrs) =>
        kernelFunc({ ...call, inputs: replaced, attrs: attrs! }) as tf.Tensor;
      const other = exception(inputs, stock, call.attrs as never, call.backend as NodeBackend);
      isStock = other === undefined;
      return other ?? [];
    });
    return isStock ? kernelFunc(call) : result;
  };
}
