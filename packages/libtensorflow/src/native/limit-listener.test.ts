import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { limitListener, ownAddressesOf, reachableAddressesOf } from './limit-listener.ts';

/** Whether something listens at an address, as far as half a second tells. */
async function hears(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  socket.on('error', () => {});
  const heard = await Promise.race([
    once(socket, 'connect').then(
      () => true,
      () => false,
    ),
    delay(500, false),
  ]);
  socket.destroy();
  return heard;
}

async function listening(host: string) {
  const server = createServer((socket) => socket.on('error', () => {}).end('hello'));
  server.listen(0, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe.runIf(process.platform === 'linux')('a server on all networks', () => {
  test.each(['0.0.0.0', '::'])('of %s hears only what is sent to its host', async (all) => {
    const { server, port } = await listening(all);
    try {
      expect(await hears('127.0.0.2', port)).toBe(true);
      expect(limitListener(await ownAddressesOf('127.0.0.1'), port)).toBe(true);
      expect(await hears('127.0.0.1', port)).toBe(true);
      expect(await hears('127.0.0.2', port)).toBe(false);
      expect(await hears('::1', port)).toBe(false);
      // What comes after the first packet gets through too.
      const socket = connect({ host: '127.0.0.1', port });
      const [text] = await once(socket, 'data');
      expect(String(text)).toBe('hello');
    } finally {
      server.close();
    }
  });

  test('of IPv6 too', async ({ skip }) => {
    const { server, port } = await listening('::');
    try {
      skip(!(await hears('::1', port)), 'no IPv6');
      expect(limitListener(await ownAddressesOf('::1'), port)).toBe(true);
      expect(await hears('::1', port)).toBe(true);
      expect(await hears('127.0.0.1', port)).toBe(false);
    } finally {
      server.close();
    }
  });

  test('stays open where the host is known by an address that is not its own, on other systems, or where nothing listens', async () => {
    const { server, port } = await listening('0.0.0.0');
    try {
      expect(limitListener(await ownAddressesOf('192.0.2.1'), port)).toBe(false);
      expect(limitListener(await ownAddressesOf('no-such-host.invalid'), port)).toBe(false);
      for (const os of ['darwin', 'win32'])
        expect(limitListener(['127.0.0.1'], port, os)).toBe(false);
      expect(await hears('127.0.0.1', port)).toBe(true);
    } finally {
      server.close();
      await once(server, 'close');
    }
    expect(limitListener(await ownAddressesOf('127.0.0.1'), port)).toBe(false);
  });
});

test('a name that leads to loopback is where others on this machine reach a server, and no others', async () => {
  expect(await reachableAddressesOf('localhost', ['127.0.0.1', 'localhost'])).toContain(
    '127.0.0.1',
  );
  expect(await reachableAddressesOf('localhost', ['127.0.0.1', '192.0.2.1'])).toEqual([]);
  expect(await reachableAddressesOf('localhost', ['no-such-host.invalid'])).toEqual([]);
});
