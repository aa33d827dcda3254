import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadPseudoWeights, pseudoImages, readCases } from '../fixtures/parity.ts';
import * as library from './index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const logitCases = readCases('timm.json');

describe("timm's own models give the same logits with the same weights, at even and odd sizes", () => {
  for (const name of new Set(logitCases.map(({ model }) => model))) {
    test(name, { tags: ['slow'] }, async () => {
      const model = library.createModel(name, { numClasses: 10 });
      await loadPseudoWeights(model, library);
      for (const { images, evalLogits } of logitCases.filter((golden) => golden.model === name)) {
        const batch = tf.tensor4d(pseudoImages(images), [...images]);
        const logits = model.apply(batch, { training: false });
        const largest = Math.max(...evalLogits.map(Math.abs));
        for (const [index, value] of logits.dataSync().entries()) {
          expect(Math.abs(value - evalLogits[index]!) / largest).toBeLessThan(1e-4);
        }
      }
      model.dispose();
    });
  }
});

describe("the state dict is timm's: tensors, shapes, order, and the gammas that start at 0", () => {
  for (const { model: name, state, parameters, zeroGamma } of readCases('names.json')) {
    test(name, { tags: ['slow'] }, async () => {
      const model = library.createModel(name, { numClasses: 10, zeroGamma: true });
      const ours = Object.entries(await library.toStateDict(model));
      expect(ours.map(([key, { shape }]) => [key, shape])).toEqual(state);
      expect(Object.keys(model.parameters)).toEqual(parameters);
      const zeros = ours
        .filter(([key, { shape, data }]) => {
          return (
            shape.length === 1 && key.endsWith('.weight') && data.every((value) => value === 0)
          );
        })
        .map(([key]) => key);
      expect(zeros).toEqual(zeroGamma);
      model.dispose();
    });
  }
});
