import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchWeights } from './index.ts';

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const tensor = (shape: readonly number[], value = 0) => ({
  shape,
  data: Float32Array.from({ length: size(shape) }, (_, index) => value + index),
});

/** A network of one convolution and a head. */
const network = ({ classes = 3, channels = 3, head = 'fc', value = 0 } = {}) => ({
  'conv1.weight': tensor([2, channels, 3, 3], value),
  'bn1.running_mean': tensor([2], value),
  [`${head}.weight`]: tensor([classes, 2], value),
  [`${head}.bias`]: tensor([classes], value),
});

test('equal names and shapes are taken as they are', () => {
  const given = network({ value: 5 });
  expect(matchWeights(given, network())).toEqual({ stateDict: given, notes: [], newHead: null });
});

test.each(['module.', '_orig_mod.', 'model.'])(
  'the prefix %s of a wrapper is left out',
  (prefix) => {
    const given = network({ value: 5 });
    const wrapped = Object.fromEntries(
      Object.entries(given).map(([name, one]) => [prefix + name, one]),
    );
    expect(matchWeights(wrapped, network()).stateDict).toEqual(given);
  },
);

test('the last dense layer may have another name', () => {
  const given = network({ value: 5, head: 'linear' });
  expect(matchWeights(given, network()).stateDict).toEqual(network({ value: 5 }));
});

test('torchvision’s MobileNetV2 has timm’s tensors under names of its own', () => {
  const file = new URL('../fixtures/mobilenet-v2-names.json', import.meta.url);
  const names = JSON.parse(readFileSync(file, 'utf8')) as [torchvision: string, timm: string][];
  const shapeOf = (name: string) => (name === 'classifier.weight' ? [1000, 4] : [4]);
  const [given, expected] = [0, 1].map((at) =>
    Object.fromEntries(names.map((pair, index) => [pair[at]!, tensor(shapeOf(pair[1]), index)])),
  );
  expect(names).toHaveLength(262);
  expect(matchWeights(given!, expected!)).toEqual({
    ...{ stateDict: expected, notes: [], newHead: null },
  });
});

test('a head for another number of classes keeps the network’s values, whatever both numbers are', () => {
  const classes = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(classes, classes, (theirs, ours) => {
      const [given, own] = [network({ classes: theirs, value: 5 }), network({ classes: ours })];
      const { stateDict, notes, newHead } = matchWeights(given, own);
      const head = theirs === ours ? given : own;
      expect(stateDict['fc.weight']).toBe(head['fc.weight']);
      expect(stateDict['fc.bias']).toBe(head['fc.bias']);
      expect(stateDict['conv1.weight']).toBe(given['conv1.weight']);
      expect(notes).toHaveLength(theirs === ours ? 0 : 1);
      expect(newHead).toBe(theirs === ours ? null : 'fc');
    }),
  );
});

test('a head for other classes of the same number is new, where the weights’ classes are known', () => {
  const options = { classNames: ['cat', 'dog', 'fox'] };
  const same = { ...options, wanted: ['cat', 'dog', 'fox'] };
  expect(matchWeights(network(), network(), same).notes).toEqual([]);
  const others = { ...options, wanted: ['dog', 'cat', 'fox'] };
  const { notes } = matchWeights(network(), network(), others);
  expect(notes).toEqual(['fc is new: other classes of the same number, 3']);
});

test('names of other classes than the head has are refused, whatever the network is for', () => {
  const refused =
    'label_names of the config.json: expected the names of 3 classes, got 2. Give one name a class, or none';
  for (const wanted of [undefined, ['cat', 'dog']])
    for (const classes of [2, 3]) {
      const options = { classNames: ['cat', 'dog'], wanted };
      expect(() => matchWeights(network(), network({ classes }), options)).toThrow(refused);
    }
});

test('weights without a head get the network’s, if their description says that they have none', () => {
  const { 'fc.weight': _weight, 'fc.bias': _bias, ...features } = network({ value: 5 });
  expect(matchWeights(features, network(), { numClasses: 0 }).notes).toEqual([
    'fc is new: 3 classes instead of 0',
  ]);
  expect(() => matchWeights(features, network())).toThrow('missing: fc.weight, fc.bias');
});

test('the kernels for red, green and blue are added for grey images', () => {
  const given = network();
  const { stateDict, notes } = matchWeights(given, network({ channels: 1 }));
  expect(notes).toEqual(['conv1.weight is summed over red, green and blue, for grey images']);
  const { shape, data } = stateDict['conv1.weight']!;
  expect(shape).toEqual([2, 1, 3, 3]);
  const at = (output: number, input: number, place: number) => 27 * output + 9 * input + place;
  expect([...data]).toEqual(
    [0, 1].flatMap((output) =>
      Array.from(
        { length: 9 },
        (_, place) => at(output, 0, place) + at(output, 1, place) + at(output, 2, place),
      ),
    ),
  );
});

test('grey weights on colours, and any other number of channels, are another shape', () => {
  expect(() => matchWeights(network({ channels: 1 }), network())).toThrow(
    'of another shape: conv1.weight [2,1,3,3] for [2,3,3,3]',
  );
  expect(() => matchWeights(network({ channels: 4 }), network({ channels: 1 }))).toThrow(
    'conv1.weight',
  );
});

test('weights for colours that are said to be for grey images are refused, the other way round they fit', () => {
  const [grey, colours] = [network({ channels: 1 }), network()];
  for (const own of [grey, colours])
    expect(() => matchWeights(colours, own, { channels: 1 })).toThrow(
      "expected images of 1 channel, as the weights' description says (input_size of a config.json), got kernels for 3 in conv1.weight. Correct the description",
    );
  expect(matchWeights(grey, grey, { channels: 3 }).notes).toEqual([]);
});

test('a head of other features is no other head, but another network', () => {
  const given = { ...network(), 'fc.weight': tensor([10, 7]), 'fc.bias': tensor([10]) };
  expect(() => matchWeights(given, network())).toThrow(
    'missing: none\n  unexpected: none\n  of another shape: fc.weight [10,7] for [3,2], fc.bias [10] for [3]\nCheck the name of the network',
  );
});

test('a description that says another number of classes than there are lies', () => {
  expect(() => matchWeights(network(), network(), { numClasses: 1000 })).toThrow(
    "expected 1000 classes, as the weights' description says, got 3 in fc. Correct the description",
  );
});

test('weights that are not finite are refused by their names, and not by the architecture', () => {
  const given = network();
  given['bn1.running_mean']!.data[1] = Number.NaN;
  expect(() => matchWeights(given, network())).toThrow(
    /^expected finite numbers, got NaN or infinity in bn1\.running_mean; nothing was loaded\. Get or convert/,
  );
  // A head that is replaced does not count.
  const spoiltHead = network({ classes: 10 });
  spoiltHead['fc.bias']!.data[0] = Number.POSITIVE_INFINITY;
  expect(matchWeights(spoiltHead, network()).newHead).toBe('fc');
});

test('a long list of names is cut, and says how many are left out', () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`extra${n}`, tensor([1])]));
  expect(() => matchWeights({ ...network(), ...many }, network())).toThrow(/extra19 and 5 more\n/);
});
