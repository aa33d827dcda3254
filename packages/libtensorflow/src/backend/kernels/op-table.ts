import * as tf from '@tensorflow/tfjs-core';
import { DataType } from '../../native/data-type.ts';
import { bindingConstants, type OpAttribute } from '../binding.ts';
import type { NodeBackend } from '../vendor.ts';
import { float32, int32, type OpCall, runOp } from './run-op.ts';

type Inputs = Record<string, tf.TensorInfo>;
type Lists = Record<string, readonly tf.TensorInfo[]>;
type ToOp<Attributes> = (inputs: Inputs, attributes: Attributes, lists: Lists) => OpCall;

/** Kernels of tfjs that tfjs-node lacks and that are one op of TensorFlow. */
const table: Record<string, ToOp<never>> = {
  [tf.BitwiseAnd]: ({ a, b }) => ({ op: 'BitwiseAnd', inputs: [a!, b!] }),

  [tf.DenseBincount]: ({ x, weights }, { size, binaryOutput }: tf.DenseBincountAttrs) => ({
    op: 'DenseBincount',
    inputs: [x!, int32(size), weights!],
    attributes: [boolean('binary_output', binaryOutput ?? false)],
  }),

  [tf.SearchSorted]: ({ sortedSequence, values }, { side }: tf.SearchSortedAttrs) => ({
    op: side === 'left' ? 'LowerBound' : 'UpperBound',
    inputs: [sortedSequence!, values!],
    attributes: [type('out_type', DataType.INT32)],
  }),

  [tf.Transform]: ({ image, transforms }, attributes: tf.TransformAttrs) => ({
    op: 'ImageProjectiveTransformV3',
    inputs: [
      image!,
      transforms!,
      int32(attributes.outputShape ?? (image!.shape.slice(1, 3) as [number, number])),
      float32(attributes.fillValue),
    ],
    attributes: [
      string('interpolation', attributes.interpolation.toUpperCase()),
      string('fill_mode', attributes.fillMode.toUpperCase()),
    ],
  }),

  [tf.MaxPoolWithArgmax]: ({ x }, attributes: tf.MaxPoolWithArgmaxAttrs) => {
    const { filterSize, strides, pad, includeBatchInIndex } = attributes;
    const shape = x!.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    return {
      op: 'MaxPoolWithArgmax',
      inputs: [x!],
      attributes: [
        integers('ksize', [1, info.filterHeight, info.filterWidth, 1]),
        integers('strides', [1, info.strideHeight, info.strideWidth, 1]),
        string('padding', info.padInfo.type),
        boolean('include_batch_in_index', includeBatchInIndex),
      ],
      outputs: 2,
    };
  },

  [tf.RaggedGather]: (
    { paramsDenseValues, indices },
    { outputRaggedRank }: tf.RaggedGatherAttrs,
    { paramsNestedSplits },
  ) => ({
    op: 'RaggedGather',
    inputs: [...paramsNestedSplits!, paramsDenseValues!, indices!],
    attributes: [
      integer('PARAMS_RAGGED_RANK', paramsNestedSplits!.length),
      integer('OUTPUT_RAGGED_RANK', outputRaggedRank),
      // TensorFlow infers no types beside a list.
      type('Tvalues', typeOf(paramsDenseValues!)),
      type('Tindices', typeOf(indices!)),
      type('Tsplits', DataType.INT32),
    ],
    outputs: outputRaggedRank + 1,
  }),

  [tf.RaggedRange]: ({ starts, limits, deltas }) => ({
    op: 'RaggedRange',
    inputs: [starts!, limits!, deltas!],
    attributes: [type('Tsplits', DataType.INT32)],
    outputs: 2,
  }),

  [tf.RaggedTensorToTensor]: (
    { shape, values, defaultValue },
    { rowPartitionTypes }: tf.RaggedTensorToTensorAttrs,
    { rowPartitionTensors },
  ) => ({
    op: 'RaggedTensorToTensor',
    inputs: [shape!, values!, defaultValue!, ...rowPartitionTensors!],
    attributes: [
      integer('num_row_partition_tensors', rowPartitionTensors!.length),
      { ...string('row_partition_types', ''), value: rowPartitionTypes },
      type('T', typeOf(values!)),
      type('Tindex', DataType.INT32),
      type('Tshape', typeOf(shape!)),
    ],
  }),

  [tf.SparseFillEmptyRows]: ({ indices, values, denseShape, defaultValue }) => ({
    op: 'SparseFillEmptyRows',
    inputs: [{ int64: indices! }, values!, { int64: denseShape! }, defaultValue!],
    outputs: 4,
  }),

  [tf.SparseReshape]: ({ inputIndices, inputShape, newShape }) => ({
    op: 'SparseReshape',
    inputs: [{ int64: inputIndices! }, { int64: inputShape! }, { int64: newShape! }],
    outputs: 2,
  }),

  [tf.SparseSegmentMean]: ({ data, indices, segmentIds }) => ({
    op: 'SparseSegmentMean',
    inputs: [data!, indices!, segmentIds!],
  }),

  [tf.SparseSegmentSum]: ({ data, indices, segmentIds }) => ({
    op: 'SparseSegmentSum',
    inputs: [data!, indices!, segmentIds!],
  }),

  [tf.StringNGrams]: ({ data, dataSplits }, attributes: tf.StringNGramsAttrs) => ({
    op: 'StringNGrams',
    inputs: [data!, dataSplits!],
    attributes: [
      string('separator', attributes.separator),
      integers('ngram_widths', attributes.nGramWidths),
      string('left_pad', attributes.leftPad),
      string('right_pad', attributes.rightPad),
      integer('pad_width', attributes.padWidth),
      boolean('preserve_short_sequences', attributes.preserveShortSequences),
    ],
    outputs: 2,
  }),

  [tf.StringSplit]: ({ input, delimiter }, { skipEmpty }: tf.StringSplitAttrs) => ({
    op: 'StringSplit',
    inputs: [input!, delimiter!],
    attributes: [boolean('skip_empty', skipEmpty)],
    outputs: 3,
  }),

  [tf.StringToHashBucketFast]: ({ input }, { numBuckets }: tf.StringToHashBucketFastAttrs) => ({
    op: 'StringToHashBucketFast',
    inputs: [input!],
    attributes: [integer('num_buckets', numBuckets)],
  }),
};

/** The kernels of the table. */
export const opKernels: readonly tf.KernelConfig[] = Object.entries(table).map(
  ([kernelName, toOp]) => ({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const call = toOp(inputs as Inputs, attrs as never, inputs as unknown as Lists);
      const outputs = runOp(backend as NodeBackend, call);
      return call.outputs === undefined ? outputs[0]! : outputs;
    },
  }),
);

const types = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  bool: DataType.BOOL,
  complex64: DataType.COMPLEX64,
  string: DataType.STRING,
};

function typeOf({ dtype }: tf.TensorInfo): number {
  return types[dtype];
}

const { TF_ATTR_BOOL, TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE } = bindingConstants;

function boolean(name: string, value: boolean): OpAttribute {
  return { name, type: TF_ATTR_BOOL, value };
}
function integer(name: string, value: number): OpAttribute {
  return { name, type: TF_ATTR_INT, value };
}
function integers(name: string, value: readonly number[]): OpAttribute {
  return { name, type: TF_ATTR_INT, value };
}
function string(name: string, value: string): OpAttribute {
  return { name, type: TF_ATTR_STRING, value };
}
function type(name: string, value: number): OpAttribute {
  return { name, type: TF_ATTR_TYPE, value };
}
