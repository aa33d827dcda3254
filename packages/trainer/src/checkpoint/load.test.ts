import { beginning, type CheckpointState } from '@bag-of-tricks/run-folder';
import { defineTrick } from '@bag-of-tricks/train-step';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { builtIn } from '../config/schema.ts';
import { readConfig } from './load.ts';

const config = parseConfig({ dataset: 'synthetic' });
const state: CheckpointState = {
  ...beginning,
  ...{ formatVersion: 3, imageShape: [28, 28, 1], classNames: ['a', 'b'], mean: [73], std: [90] },
  ...{ tricks: [], config },
};

test('a configuration that was written reads back the same', () => {
  expect(readConfig(builtIn)(JSON.parse(JSON.stringify(state)), 'x')).toEqual(config);
});

test('a trick that the run did not know is off in it, even one that is on by default', () => {
  const noise = defineTrick({ name: 'noise', description: 'noise', settings: {}, on: true });
  const known = [...builtIn, noise.definition];
  expect(parseConfig(config, { known }).noise).toEqual({});
  expect(readConfig(known)(state, 'x').noise).toBeNull();
});

test('a configuration that is none makes a foreign state', () => {
  const read = () => readConfig(builtIn)({ ...state, config: { ...config, modle: 1 } }, 'x');
  expect(read).toThrow(/x: expected the state of a bag-of-tricks checkpoint.*unknown key 'modle'/);
});

test("a run with another package's trick asks for it, not for another checkpoint", () => {
  const read = () => readConfig(builtIn)({ ...state, tricks: ['noise'] }, 'x');
  expect(read).toThrow(/trick noise of another package.*--plugin, or pass it in `plugins`$/);
});
