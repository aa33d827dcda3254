import { defineTrick } from '@bag-of-tricks/train-step';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { builtIn } from '../config/schema.ts';
import { beginning } from '../run/position.ts';
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
  config: parseConfig({ dataset: 'synthetic' }),
};

test('a state that was written reads back the same', () => {
  expect(parseState(JSON.stringify(state), 'state.json', builtIn)).toEqual(state);
});

test('a trick that the run did not know is off in it, even one that is on by default', () => {
  const noise = defineTrick({ name: 'noise', description: 'noise', settings: {}, on: true });
  const known = [...builtIn, noise.definition];
  expect(parseConfig(state.config, { known }).noise).toEqual({});
  expect(parseState(JSON.stringify(state), 'state.json', known).config.noise).toBeNull();
});

test.each([
  ['{"formatVersion": 2', 'state.json: expected the state of a bag-of-tricks checkpoint'],
  [JSON.stringify({ ...state, formatVersion: 1 }), 'formatVersion'],
  [JSON.stringify({ ...state, epoch: -1 }), 'epoch'],
  [JSON.stringify({ ...state, config: { ...state.config, modle: 1 } }), "unknown key 'modle'"],
])('a damaged or foreign state is refused', (text, message) => {
  expect(() => parseState(text, 'state.json', builtIn)).toThrow(new RegExp(message));
});

test("a run with another package's trick asks for it, not for another checkpoint", () => {
  const read = () => parseState(JSON.stringify({ ...state, tricks: ['noise'] }), 'x', builtIn);
  expect(read).toThrow(/trick noise of another package.*--plugin, or pass it in `plugins`$/);
});
