import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import * as library from './index.ts';
import { createModel, modelNames } from './names.ts';

const TINY = { numClasses: 2, layers: [1], width: 2 } as const;

function networkOf(name: string): string {
  const model = createModel(name, TINY);
  model.dispose();
  return `${model.config.depth}${model.config.variant}`;
}

test.each([
  ['resnet50', '50b'],
  ['resnet50a', '50a'],
  ['resnet50d', '50d'],
  ['resnet50_v1', '50a'],
  ['resnet50_v1b', '50b'],
  ['resnet152_v1d', '152d'],
  ['resnet20d', '20d'],
  ['cifar_resnet56_v1', '56a'],
])('%s is network %s', (name, network) => {
  expect(networkOf(name)).toBe(network);
});

test('a model is named as timm names it, unless it is given a name', () => {
  const names = ['resnet50b', 'resnet50_v1d'].map((name) => {
    const model = createModel(name, TINY);
    model.dispose();
    return model.name;
  });
  expect(names).toEqual(['resnet50', 'resnet50d']);
  const teacher = createModel('resnet50', { ...TINY, name: 'teacher' });
  expect(teacher.name).toBe('teacher');
  teacher.dispose();
});

test('an unknown name is refused with names that are known, and where all of them are', () => {
  for (const name of ['resnet5od', 'resnext50', 'toString']) {
    expect(() => createModel(name)).toThrow(
      `createModel: expected a name such as resnet50d, resnet20d or cifar_resnet20_v1, got "${name}". modelNames() lists all.`,
    );
  }
  expect(modelNames()).toEqual(
    expect.arrayContaining(['resnet50d', 'resnet20d', 'cifar_resnet20_v1']),
  );
});

test('every listed name builds', () => {
  expect(modelNames()).toContain('resnet101c');
  expect(new Set(modelNames()).size).toBe(modelNames().length);
  for (const name of modelNames()) createModel(name, TINY).dispose();
});

test('every function builds the network of its name', () => {
  const functions = Object.entries(library).filter(([name]) => /^resnet\d/.test(name));
  expect(functions).toHaveLength(50);
  for (const [name, build] of functions) {
    const model = (build as library.ResNetOfDepth)(TINY);
    expect(`${model.config.depth}${model.config.variant}`).toBe(networkOf(name));
    model.dispose();
  }
});

test('a function of a depth takes the variant as an option', () => {
  const model = library.resnet34({ ...TINY, variant: 'd' });
  expect(model.name).toBe('resnet34d');
  model.dispose();
});
