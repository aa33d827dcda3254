import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectClose, normal, ours, reference } from '../../../test/support/reference.ts';
import { registerTensorFlowBackend } from '../register.ts';
import { opKernels } from './op-table.ts';

const large = 2 ** 24 + 1;
const int32 = (...values: number[]) => tf.tensor1d(values, 'int32');
const numbers = (result: object) => Object.values(result) as tf.Tensor[];
const image = () => normal([2, 4, 5, 3], 1) as tf.Tensor4D;

const images = () => tf.split(image(), 2) as tf.Tensor4D[];
const shear = () => tf.tensor2d([[1, 0.2, -1, 0, 1.1, 0.5, 0, 0]]);

/** A call for each kernel of the table; strings are compared by their hashes. */
const computations: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  BitwiseAnd: () => tf.bitwiseAnd(int32(12, -1, large), int32(10, large, -2)),
  DenseBincount: () => [
    tf.denseBincount(int32(3, 0, 3, 9), [0.5, 1, 2, 4], 5),
    tf.denseBincount(tf.tensor2d([1, 1, 0, 2], [2, 2], 'int32'), [], 3, true),
  ],
  MaxPoolWithArgmax: () => numbers(tf.maxPoolWithArgmax(image(), 2, 2, 'same', true)),
  RaggedGather: () => {
    const splits = [int32(0, 1, 1, 3, 4)];
    const gathered = tf.raggedGather(splits, int32(large, 2, 3, 4), int32(3, 0, 2), 1);
    return [...gathered.outputNestedSplits!, gathered.outputDenseValues!];
  },
  RaggedRange: () => numbers(tf.raggedRange(int32(0, 5), int32(large, 9), int32(2 ** 23, 2))),
  RaggedTensorToTensor: () =>
    tf.raggedTensorToTensor(
      int32(2, 3),
      int32(1, large, 3, 4),
      tf.scalar(9, 'int32'),
      [int32(0, 1, 4)],
      ['ROW_SPLITS'],
    ),
  SearchSorted: () => [
    tf.searchSorted(int32(1, 2, 2, large), int32(2, large, 0), 'left'),
    tf.searchSorted(tf.tensor1d([1, 2, 2, 5]), tf.tensor1d([2, 7, 0]), 'right'),
  ],
  SparseFillEmptyRows: () =>
    numbers(
      tf.sparse.sparseFillEmptyRows(
        tf.tensor2d([0, 1, 2, 0], [2, 2], 'int32'),
        tf.tensor1d([0.5, 2]),
        int32(4, 2),
        tf.scalar(9),
      ),
    ),
  SparseReshape: () =>
    numbers(
      tf.sparse.sparseReshape(
        tf.tensor2d([0, large, 2, 0], [2, 2], 'int32'),
        int32(4, 2 ** 25),
        int32(-1, 2 ** 24),
      ),
    ),
  SparseSegmentMean: () =>
    tf.sparse.sparseSegmentMean(normal([4, 3], 1) as tf.Tensor2D, int32(3, 0, 1), int32(0, 0, 2)),
  SparseSegmentSum: () =>
    tf.sparse.sparseSegmentSum(int32(large, 2, -large), int32(0, 1, 2), int32(0, 0, 1)),
  StringNGrams: () => {
    const words = tf.tensor1d(['a', 'é', '', 'd e']);
    const grams = tf.string.stringNGrams(words, int32(0, 3, 4), '|', [1, 2], '<', '>', -1, true);
    return [tf.string.stringToHashBucketFast(grams.nGrams!, 1000), grams.nGramsSplits!];
  },
  StringSplit: () => {
    const { indices, values, shape } = tf.string.stringSplit(tf.tensor1d(['a  b', '', 'ü c']), ' ');
    return [indices!, tf.string.stringToHashBucketFast(values!, 1000), shape!];
  },
  StringToHashBucketFast: () =>
    tf.string.stringToHashBucketFast(tf.tensor1d(['a', '', 'straße']), 2 ** 30),
  // One image after the other: of a batch, the cpu backend reads the wrong pixels.
  Transform: () =>
    images().flatMap((one) => [
      tf.image.transform(one, shear(), 'bilinear'),
      tf.image.transform(one, tf.mul(shear(), 2) as tf.Tensor2D, 'nearest', 'wrap', 3, [3, 6]),
    ]),
};

test('there is an example for each kernel of the table', () => {
  const names = opKernels.map(({ kernelName }) => kernelName);
  expect(names.sort()).toEqual(Object.keys(computations).sort());
});

test.each(Object.entries(computations))('%s is that of the cpu backend', async (name, compute) => {
  expectClose(await ours(compute), await reference(compute));
  await registerTensorFlowBackend();
  const { kernelNames } = await tf.profile(() => tf.tidy(() => void compute()));
  expect(kernelNames).toContain(name);
});

test('a batch of images is transformed as each by itself', async () => {
  const [whole, parts] = await ours(() => [
    tf.image.transform(image(), shear(), 'bilinear'),
    tf.concat(images().map((one) => tf.image.transform(one, shear(), 'bilinear'))),
  ]);
  expect(whole).toEqual(parts);
});

test('types are those of tfjs, and neither tensors nor native handles are left', async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const before = [tf.memory().numTensors, nativeHandleCount()];
  const types = (name: string) =>
    tf.tidy(() => [computations[name]!()].flat().map(({ dtype }) => dtype));
  expect(types('SparseFillEmptyRows')).toEqual(['int32', 'float32', 'bool', 'int32']);
  expect(types('MaxPoolWithArgmax')).toEqual(['float32', 'int32']);
  for (const name of Object.keys(computations)) types(name);
  expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
});

test('an op that fails leaves nothing behind, and says which it was', async () => {
  const { nativeHandleCount } = await registerTensorFlowBackend();
  const before = [tf.memory().numTensors, nativeHandleCount()];
  const fail = () =>
    tf.tidy(() =>
      tf.sparse.sparseReshape(tf.tensor2d([0, 0], [1, 2], 'int32'), int32(2, 3), int32(4, -1)),
    );
  expect(fail).toThrow('SparseReshape: Input to reshape');
  // The op's inputs were uploaded by the op before it failed.
  expect([tf.memory().numTensors, nativeHandleCount()]).toEqual(before);
});
