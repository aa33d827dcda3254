import { expect, test } from 'vitest';
import { expandHosts, expandTasks } from './slurm.ts';

// `scontrol show hostnames <list>` prints the same.
test.each([
  ['a', ['a']],
  ['a,b-c', ['a', 'b-c']],
  ['node[01-03,7],x', ['node01', 'node02', 'node03', 'node7', 'x']],
  ['r[1-2]-gpu', ['r1-gpu', 'r2-gpu']],
  ['n[098-101]', ['n098', 'n099', 'n100', 'n101']],
])('%s are the hosts %j', (list, hosts) => {
  expect(expandHosts(list)).toEqual(hosts);
});

test.each(['', 'a,,b', 'n[1-2', 'n[2-1]', 'n[]', 'n[1-99999999]', 'n[1-2][3-4]'])(
  'the list %j is refused',
  (list) => {
    expect(() => expandHosts(list)).toThrow('Slurm: expected a list of hosts');
  },
);

test('tasks a node are counted', () => {
  expect(expandTasks('2(x3),1')).toEqual([2, 2, 2, 1]);
  expect(() => expandTasks('2x3')).toThrow('expected a list of tasks a node');
});
