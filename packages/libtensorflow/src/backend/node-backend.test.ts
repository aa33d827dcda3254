import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { NodeBackend } from './node-backend.ts';
import { registerTensorFlowBackend } from './register.ts';

let backend: NodeBackend;
beforeAll(async () => {
  await registerTensorFlowBackend();
  backend = tf.backend() as NodeBackend;
});

test('the backend has other parts while an action runs, one call inside of another', () => {
  const names: string[] = [];
  const { binding } = backend;
  const noting = (mark: string, inner = backend.binding) =>
    Object.assign(Object.create(inner) as typeof binding, {
      // The methods have private state, which stays where it is.
      createTensor: inner.createTensor.bind(inner),
      deleteTensor: inner.deleteTensor.bind(inner),
      executeOp: (...op: Parameters<typeof binding.executeOp>) => {
        names.push(mark + op[0]);
        return inner.executeOp(...op);
      },
    });
  const one = tf.scalar(1);
  const result = backend.withParts({ binding: noting('a') }, () => {
    tf.square(one).dispose();
    backend.withParts({ binding: noting('b') }, () => tf.exp(one).dispose());
    tf.abs(one).dispose();
    return 'result';
  });
  tf.square(one).dispose();
  expect(result).toBe('result');
  expect(names).toEqual(['aSquare', 'bExp', 'aExp', 'aAbs']);
  expect(backend.binding).toBe(binding);
  one.dispose();
});

test('after an error it is as it was; a method of the class shows again', () => {
  const { tensorMap, createOutputTensor } = backend;
  const parts = {
    tensorMap: Object.create(tensorMap) as typeof tensorMap,
    createOutputTensor: () => tf.scalar(0),
  };
  const fail = () => {
    expect(backend).toMatchObject(parts);
    throw new Error('of the action');
  };
  expect(() => backend.withParts(parts, fail)).toThrow('of the action');
  expect(backend.tensorMap).toBe(tensorMap);
  expect(backend.createOutputTensor).toBe(createOutputTensor);
  expect(Object.hasOwn(backend, 'createOutputTensor')).toBe(false);
});
