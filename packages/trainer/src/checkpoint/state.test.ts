import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { noTotals } from '../progress.ts';
import { parseState } from './state.ts';

const state = {
  formatVersion: 1,
  epoch: 2,
  stepInEpoch: 5,
  totals: noTotals,
  best: { top1: 87.5, epoch: 1 },
  lossScale: { scale: 2 ** 14, goodSteps: 30, skippedSteps: 2 },
  imageShape: [28, 28, 1],
  classNames: ['a', 'b'],
  mean: [73],
  std: [90],
  config: parseConfig({ dataset: 'synthetic' }),
};

test('a state that was written reads back the same', () => {
  expect(parseState(JSON.stringify(state), 'state.json')).toEqual(state);
});

test('a state from before loss scaling has none', () => {
  const { lossScale, ...before } = state;
  expect(parseState(JSON.stringify(before), 'state.json').lossScale).toBeNull();
});

test.each([
  ['{"formatVersion": 1', 'state.json: expected the state of a bag-of-tricks checkpoint'],
  [JSON.stringify({ ...state, formatVersion: 2 }), 'formatVersion'],
  [JSON.stringify({ ...state, epoch: -1 }), 'epoch'],
  [JSON.stringify({ ...state, config: { ...state.config, modle: 1 } }), "unknown key 'modle'"],
])('a damaged or foreign state is refused', (text, message) => {
  expect(() => parseState(text, 'state.json')).toThrow(message);
});
