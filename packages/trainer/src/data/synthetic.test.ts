import { expect, test } from 'vitest';
import { syntheticDataset } from './synthetic.ts';

const options = {
  imageSize: 8,
  channels: 3,
  numClasses: 4,
  trainSamples: 60,
  evalSamples: 20,
  seed: 5,
};

test('the same seed gives the same images, another seed others, and the splits differ', () => {
  const dataset = syntheticDataset(options);
  expect(syntheticDataset(options)).toEqual(dataset);
  expect(syntheticDataset({ ...options, seed: 6 }).train.images).not.toEqual(dataset.train.images);
  expect(dataset.train.images.subarray(0, 192)).not.toEqual(dataset.eval.images.subarray(0, 192));
});

test('shapes and labels are as asked', () => {
  const { train, eval: evaluation, imageShape, classNames } = syntheticDataset(options);
  expect(imageShape).toEqual([8, 8, 3]);
  expect(classNames).toHaveLength(4);
  expect(train.images).toHaveLength(60 * 192);
  expect(evaluation.labels).toHaveLength(20);
  expect(new Set(train.labels)).toEqual(new Set([0, 1, 2, 3]));
});
