import { expect, test } from 'vitest';
import { environmentFolder, findPython } from './environment.ts';

test('BENCH_PYTHON is taken as it is', async () => {
  const reports: string[] = [];
  const python = await findPython((text) => reports.push(text), { BENCH_PYTHON: '/opt/python' });
  expect([python, reports]).toEqual(['/opt/python', []]);
});

test('other requirements get another environment, in the cache of the user', () => {
  const env = { XDG_CACHE_HOME: '/cache' };
  const folder = environmentFolder('torch==2.15.0', env);
  expect(folder).toMatch(/^\/cache\/bag-of-tricks\/bench-pytorch-[0-9a-f]{12}$/);
  expect(environmentFolder('torch==2.15.0', env)).toBe(folder);
  expect(environmentFolder('torch==2.16.0', env)).not.toBe(folder);
});
