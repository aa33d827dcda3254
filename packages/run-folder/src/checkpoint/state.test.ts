import { expect, test } from 'vitest';
import { beginning } from './position.ts';
import { parseState } from './state.ts';

const state = {
  formatVersion: 2,
  epoch: 2,
  stepInEpoch: 5,
  totals: beginning.totals,
  best: { top1: 87.5, epoch: 1 },
  weights: 'ema',
  imageShape: [28, 28, 1],
  classNames: ['a', 'b'],
  mean: [73],
  std: [90],
  tricks: [],
  config: { model: 'resnet20d' },
};

test('a state that was written reads back the same, its settings as they are', () => {
  expect(parseState(JSON.stringify(state), 'state.json')).toEqual(state);
});

test.each([
  ['{"formatVersion": 2', 'state.json: expected the state of a bag-of-tricks checkpoint'],
  [JSON.stringify({ ...state, formatVersion: 1 }), 'formatVersion'],
  [JSON.stringify({ ...state, epoch: -1 }), 'epoch'],
])('a damaged or foreign state is refused', (text, message) => {
  expect(() => parseState(text, 'state.json')).toThrow(new RegExp(message));
});
