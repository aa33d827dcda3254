import { expect, test } from 'vitest';
import { alternate } from './rounds.ts';

test('everyone runs once a round, one at a time, and another one begins each round', async () => {
  const calls: string[] = [];
  let running = 0;
  const results = await alternate(['a', 'b', 'c'], {
    rounds: 4,
    run: async (name, round) => {
      expect(running++).toBe(0);
      await new Promise(setImmediate);
      running--;
      calls.push(name);
      return `${name}${round}`;
    },
  });
  expect(calls.join('')).toBe('abc' + 'bca' + 'cab' + 'abc');
  expect(results.get('b')).toEqual(['b0', 'b1', 'b2', 'b3']);
  expect([...results.keys()]).toEqual(['a', 'b', 'c']);
});

test('the first failure ends it', async () => {
  const calls: string[] = [];
  const run = async (name: string) => {
    calls.push(name);
    if (name === 'b') throw new Error('no library');
  };
  await expect(alternate(['a', 'b', 'c'], { rounds: 2, run })).rejects.toThrow('no library');
  expect(calls).toEqual(['a', 'b']);
});
