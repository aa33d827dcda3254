import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { meet } from './meet.ts';
import { LostProcessError } from './watch.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const meetingAt =
  (port: number, size: number, host = '127.0.0.1') =>
  (rank: number) => ({ rank, size, master: { host, port } });

test('processes learn the addresses of all, whoever comes first', async () => {
  const meeting = meetingAt(await freePort(), 3);
  const late = meet(meeting(2), { timeout: 20 });
  const [first, second, third] = await Promise.all([
    meet(meeting(0), { timeout: 20 }),
    meet(meeting(1), { timeout: 20 }),
    late,
  ]);
  expect(first.addresses).toHaveLength(3);
  expect(new Set(first.addresses).size).toBe(3);
  for (const address of first.addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  expect([first, second, third].map(({ rank }) => rank)).toEqual([0, 1, 2]);
  expect([second.addresses, third.addresses]).toEqual([first.addresses, first.addresses]);
});

test('who is on the machine of rank 0 is found by its name, from other machines too', async () => {
  const meeting = meetingAt(await freePort(), 2, 'localhost');
  const [first] = await Promise.all([0, 1].map((rank) => meet(meeting(rank), { timeout: 20 })));
  expect(first!.addresses).toEqual([0, 1].map(() => expect.stringMatching(/^localhost:\d+$/)));
});

test('ranks that do not come are named', async () => {
  const meeting = meetingAt(await freePort(), 3);
  const [here, waits] = await Promise.allSettled([
    meet(meeting(0), { timeout: 2 }),
    meet(meeting(2), { timeout: 2 }),
  ]);
  for (const { reason } of [here, waits] as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(LostProcessError);
  }
  expect(here).toMatchObject({
    reason: { message: expect.stringMatching(/^rank 0: expected 3 processes .* none of rank 1\./) },
  });
  expect(waits).toMatchObject({
    reason: { message: expect.stringContaining('rank 2: expected rank 0 at 127.0.0.1') },
  });
});

test('who is asked to stop while it waits throws the reason', async () => {
  const meeting = meetingAt(await freePort(), 3);
  const stop = new AbortController();
  const waiting = [0, 1].map((rank) => meet(meeting(rank), { signal: stop.signal }));
  const ended = Promise.allSettled(waiting);
  await new Promise((done) => setTimeout(done, 100));
  stop.abort();
  for (const one of await ended) expect(one).toMatchObject({ reason: stop.signal.reason });
});

test('who waits long says every ten seconds for whom', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const port = await freePort();
  const said: string[] = [];
  const stop = new AbortController();
  const options = { signal: stop.signal, onWait: (message: string) => said.push(message) };
  const waiting = meet(meetingAt(port, 3)(0), options).catch(() => {});
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
  vi.advanceTimersByTime(20_000);
  const line = `waiting for rank 1, 2 at 127.0.0.1:${port}`;
  expect(said).toEqual([line, line]);
  stop.abort();
  await waiting;
});

test.runIf(process.platform === 'linux')('rank 0 hears only what is sent to its host', async () => {
  const port = await freePort();
  const stop = new AbortController();
  const waiting = meet(meetingAt(port, 2)(0), { signal: stop.signal }).catch(() => {});
  await new Promise((done) => setTimeout(done, 300));
  await once(connect(port, '127.0.0.1').end(), 'connect');
  await expect(once(connect(port, '127.0.0.2'), 'connect')).rejects.toThrow('ECONNREFUSED');
  stop.abort();
  await waiting;
});

test.runIf(process.platform === 'linux')(
  'rank 0 hears other machines where its name leads to loopback on its own',
  async () => {
    const port = await freePort();
    const stop = new AbortController();
    // As the resolver reads 127.0.0.1 too, without a line in /etc/hosts.
    const meeting = meetingAt(port, 2, '0x7f000001');
    const waiting = meet(meeting(0), { signal: stop.signal }).catch(() => {});
    await expect
      .poll(() => once(connect(port, '127.0.0.2').end(), 'connect').then(() => 'heard', String))
      .toBe('heard');
    stop.abort();
    await waiting;
  },
);

test('a second process of one rank, as of a second run, ends the meeting', async () => {
  const meeting = meetingAt(await freePort(), 3);
  const first = meet(meeting(0), { timeout: 20 });
  const stop = new AbortController();
  const twins = [1, 1].map((rank) => meet(meeting(rank), { timeout: 20, signal: stop.signal }));
  await expect(first).rejects.toThrow('rank 1: expected one process of this rank');
  stop.abort();
  await Promise.allSettled(twins);
});

test('who ends while others are missing may come again', async () => {
  const meeting = meetingAt(await freePort(), 3);
  const first = meet(meeting(0), { timeout: 20 });
  const stop = new AbortController();
  const ended = meet(meeting(1), { signal: stop.signal });
  await new Promise((done) => setTimeout(done, 500));
  stop.abort();
  await ended.catch(() => {});
  await new Promise((done) => setTimeout(done, 100));
  const [second, third] = await Promise.all(
    [1, 2].map((rank) => meet(meeting(rank), { timeout: 20 })),
  );
  expect((await first).addresses).toEqual(second!.addresses);
  expect(third!.addresses).toEqual(second!.addresses);
});

test('strangers at the port are left alone, and a port that is taken is named', async () => {
  const port = await freePort();
  const meeting = meetingAt(port, 2);
  const first = meet(meeting(0), { timeout: 20 });
  await new Promise((done) => setTimeout(done, 100));
  const stranger = connect(port, '127.0.0.1');
  stranger.end('GET / HTTP/1.1\n');
  await once(
    stranger.on('error', () => {}),
    'close',
  );
  await expect(meet(meeting(0), { timeout: 5 })).rejects.toThrow(
    `MASTER_PORT: expected port ${port} to be free`,
  );
  const second = await meet(meeting(1), { timeout: 20 });
  expect((await first).addresses).toEqual(second.addresses);
});
