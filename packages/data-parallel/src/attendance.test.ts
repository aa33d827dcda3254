import { expect, test } from 'vitest';
import { openAttendance } from './attendance.ts';
import { freePorts } from './meet.ts';

// A process has one.
const [port] = await freePorts(1);
const cluster = { addresses: [`127.0.0.1:${port}`], rank: 0 };

test('a process is known to wait in an exchange, and in those before it, once it has waited for a second', async () => {
  const { wait, isIn, dispose } = await openAttendance(cluster);
  expect(await isIn(0, 1)).toBe(false);
  wait(9)();
  const end = wait(7);
  await expect.poll(() => isIn(0, 7), { timeout: 60_000 }).toBe(true);
  expect(await isIn(0, 1)).toBe(true);
  expect(await isIn(0, 8)).toBe(false);
  end();
  dispose();
});

test('what is being told when a process lets go of it is told', async () => {
  const { tell, isIn, dispose } = await openAttendance(cluster);
  tell(8);
  dispose();
  await expect.poll(() => isIn(0, 8), { timeout: 60_000 }).toBe(true);
});
