import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TensorFlowError } from '@bag-of-tricks/libtensorflow/native';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rankAt } from '../test/support/rank-at.ts';
import { LostProcessError, watchOthers } from './watch.ts';

/** As if all waited where this process does. */
const attendance = { wait: () => () => {}, tell: () => {}, isIn: () => Promise.resolve(true) };
const forEver = new Promise<never>(() => {});
const failing = (code: number) =>
  Promise.reject(new TensorFlowError('TF_SessionRun', code, 'gone\n of a node'));

test('what waits for a process that has ended is an error that names it, also where TensorFlow waits for ever', async () => {
  const [first, third] = [await rankAt(0), await rankAt(2)];
  const addresses = [first.address, '127.0.0.1:1', third.address];
  for (const one of [first, third]) one.joins(addresses);
  const { together, stop } = watchOthers({ addresses, rank: 1, heartbeat: 1 }, attendance);
  onTestFinished(stop);
  expect(await together(Promise.resolve(7))).toBe(7);
  await third.stop();
  const error = await together(forEver).catch((error) => error);
  expect(error).toBeInstanceOf(LostProcessError);
  expect(error.message).toBe(
    `rank 1: expected all 3 processes to go on; rank 2 at ${third.address} has ended or hangs: connect ECONNREFUSED ${third.address}`,
  );
});

test('who ends before the first exchange is missed at once, however slow the heartbeat is', async () => {
  const addresses = ['127.0.0.1:1', '127.0.0.1:2'];
  const { together, stop } = watchOthers({ addresses, rank: 0, heartbeat: 6000 }, attendance);
  onTestFinished(stop);
  await expect(together(forEver)).rejects.toThrow('rank 1 at 127.0.0.1:2 has ended or hangs');
});

test('an error of TensorFlow that a lost process can cause says which one is lost; others stay', async () => {
  const first = await rankAt(0);
  const cluster = { ...first.joins([first.address, '127.0.0.1:1']), rank: 1 };
  const { together, stop } = watchOthers(cluster, attendance);
  onTestFinished(stop);
  for (const code of [2, 3, 13]) {
    await expect(together(failing(code))).rejects.toThrow(TensorFlowError);
  }
  await expect(together(failing(4))).rejects.toThrow(
    /^rank 1: expected all 2 processes to go on; all answer, but one did not join within 600 s, or left; TensorFlow says: TF_SessionRun: gone$/,
  );
  await first.stop();
  await expect(together(failing(13))).rejects.toThrow(LostProcessError);
  await expect(together(failing(14))).rejects.toThrow(
    /go on; rank 0 at .* has ended or hangs: connect ECONNREFUSED .*$/,
  );
});

test('who answers and does not take part is named by a process that has waited long for it, and by no other', async () => {
  const others = [await rankAt(0), await rankAt(2)];
  const addresses = [others[0]!.address, '127.0.0.1:1', others[1]!.address];
  for (const one of others) one.joins(addresses);
  const begun: number[] = [];
  const told: number[] = [];
  let asked = 0;
  const attendance = {
    tell: (exchange: number) => void told.push(exchange),
    wait: (exchange: number) => {
      begun.push(exchange);
      return () => {};
    },
    // One that came late tells it late.
    isIn: (rank: number) => Promise.resolve(rank === 0 && asked++ > 0),
  };
  const { together, stop } = watchOthers({ addresses, rank: 1, timeout: 0.5 }, attendance);
  onTestFinished(stop);
  const started = performance.now();
  await expect(together(failing(4))).rejects.toThrow('all answer, but one did not join within');
  // So long those that wait for the same one can ask this one.
  expect(performance.now() - started).toBeGreaterThan(2900);
  await expect(together(delay(400).then(() => failing(4)))).rejects.toThrow(
    `rank 1: expected all 3 processes to go on; rank 2 at ${addresses[2]} answers, but does not take part: it did not join within 0.4 s`,
  );
  expect([begun, told]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('a collective that one does not join ends before TensorFlow gives it up, and what is waited for after it too; one that all are in goes on', async () => {
  const first = await rankAt(0);
  const cluster = { ...first.joins([first.address, '127.0.0.1:1']), rank: 1, timeout: 0.5 };
  const absent = { ...attendance, isIn: () => Promise.resolve(false) };
  const lonely = watchOthers(cluster, absent);
  const joined = watchOthers(cluster, attendance);
  onTestFinished(() => void [lonely.stop(), joined.stop()]);
  const name = /rank 0 at \S+ answers, but does not take part: it did not join within 0.5 s$/;
  const slow = joined.together(delay(3000, 'done'));
  await expect(lonely.together(forEver)).rejects.toThrow(name);
  await expect(lonely.together(forEver)).rejects.toThrow(LostProcessError);
  expect(await slow).toBe('done');
});

test('a process that is gone while another one makes them wait, as for its checkpoint, is named, and of that one what is true', async () => {
  const [first, third] = [await rankAt(0), await rankAt(2)];
  const addresses = [first.address, '127.0.0.1:1', third.address];
  for (const one of [first, third]) one.joins(addresses);
  const absent = { ...attendance, isIn: () => Promise.resolve(false) };
  const { together, stop } = watchOthers({ addresses, rank: 1, timeout: 4, heartbeat: 1 }, absent);
  onTestFinished(stop);
  const waiting = together(forEver).catch(({ message }: Error) => message);
  await delay(1500);
  await third.stop();
  expect(await waiting).toMatch(
    /go on; rank 0 at \S+ answers, but does not take part: it did not join within (2\.[1-9]|3(\.\d)?) s; rank 2 at \S+ has ended or hangs/,
  );
});

test('twelve processes are watched without a warning', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const addresses = Array.from({ length: 12 }, (_, rank) => `127.0.0.1:${rank + 1}`);
  watchOthers({ addresses, rank: 0 }, attendance).stop();
  await delay(10);
  expect(warned).not.toHaveBeenCalled();
});

test('what all have waited for is not kept', async () => {
  const addresses = ['127.0.0.1:1', '127.0.0.1:2'];
  const { together, stop } = watchOthers({ addresses, rank: 0, heartbeat: 6000 }, attendance);
  onTestFinished(stop);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const result = new WeakRef(await together(Promise.resolve({ loss: 1 })));
  await delay(10);
  collect();
  expect(result.deref()).toBeUndefined();
});
