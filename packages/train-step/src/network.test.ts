import { expect, test } from 'vitest';
import { type Network, networkRegistry } from './network.ts';

const options = { numClasses: 4, inputChannels: 1, init: 'xavier', seed: 1 } as const;

/** Networks that say by whom they were made, and of what. */
const family = (by: string, ...names: string[]) => ({
  names: () => names,
  create: (name: string, given: object) => ({ name, by, given }) as unknown as Network,
});

test('the newest family that knows a name builds the network, with the options that it does not know itself', () => {
  const { register, names, create, problems } = networkRegistry(family('first', 'a', 'b'));
  register(family('second', 'b', 'c'));
  expect(names()).toEqual(['b', 'c', 'a', 'b']);
  const given = { ...options, zeroGamma: true };
  for (const [name, by] of Object.entries({ a: 'first', b: 'second', c: 'second' })) {
    expect(create(name, given)).toEqual({ name, by, given });
    expect(problems(name)).toEqual([]);
  }
});

test('a name that no family knows is an error with the nearest that one does', () => {
  const { register, create, problems } = networkRegistry(family('first', 'resnet50d'));
  expect(() => create('smallnet', options)).toThrow(
    /^model: expected a network such as .*, got 'smallnet'\. A network of your own/,
  );
  register(family('second', 'smallnet'));
  expect(problems('smalnet')).toEqual([expect.stringContaining("Did you mean 'smallnet'?")]);
});

test('families and their names belong to one registry', () => {
  networkRegistry(family('first', 'a')).register(family('second', 'b'));
  expect(networkRegistry(family('first', 'a')).problems('b')).toHaveLength(1);
});
