import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listening, rankAt } from '../test/support/rank-at.ts';
import { faultAt } from './server-status.ts';

test('what is at an address is told apart: the rank, another one, that of another run, another program, none, and one that hangs', async () => {
  const { address, joins } = await rankAt(1);
  const http = createHttpServer((_, response) => response.end());
  const silent = createServer((socket) => socket.on('error', () => {}));
  const [web, mute] = [await listening(http), await listening(silent)];
  onTestFinished(() => void [http.close(), silent.close()]);
  const at = (...addresses: string[]) => faultAt({ addresses, rank: 1 }, { seconds: 1 });
  joins([mute, address]);
  expect(await at(mute, address)).toBeNull();
  expect(await at(web, address)).toEqual({
    reason: 'rank 1 of a run with other addresses, or in another order, is there',
    isOther: true,
  });
  joins([mute, address, address]);
  expect(await faultAt({ addresses: [mute, address, address], rank: 2 }, { seconds: 1 })).toEqual({
    ...{ reason: 'rank 1 is there', isOther: true },
  });
  expect(await at('', web)).toEqual({ reason: expect.stringContaining('Protocol error') });
  expect(await at('', '127.0.0.1:1')).toEqual({ reason: 'connect ECONNREFUSED 127.0.0.1:1' });
  expect(await at('', mute)).toEqual({ reason: 'no answer within 1 s' });
});

test('a time in which JavaScript is busy is not held against another process', async () => {
  const { address, joins } = await rankAt(1);
  const asked = faultAt(joins(['', address]), { seconds: 1 });
  // It was asked; its answer comes while nobody listens.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  expect(await asked).toBeNull();
});
