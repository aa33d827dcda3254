import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makePhotographs } from './make-photographs.ts';

const folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('made photographs are JPEGs as large as ImageNet’s, each another one, and the same every time', async () => {
  expect(await makePhotographs({ folder, count: 2 })).toEqual({ images: 2 });
  const read = () =>
    Promise.all(['000', '001'].map((name) => readFile(join(folder, 'made', `${name}.jpg`))));
  const [first, second] = await read();
  expect([...first!.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  for (const { byteLength } of [first!, second!]) {
    expect(byteLength).toBeGreaterThan(90_000);
    expect(byteLength).toBeLessThan(130_000);
  }
  expect(first!.equals(second!)).toBe(false);
  await makePhotographs({ folder, count: 2 });
  expect((await read())[0]!.equals(first!)).toBe(true);
});
