import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import koffi from 'koffi';
import { expect, test } from 'vitest';
import { descriptorsAt, listenOnLoopback } from './listen-on-loopback.ts';

test.runIf(process.platform === 'linux')(
  'what listens on all addresses is bound to the loopback device, and still takes connections from this machine',
  async () => {
    const server = createServer((socket) => socket.end()).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const [fd] = descriptorsAt(port);
    const getsockopt = koffi
      .load(null)
      .func('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ unsigned int *)');
    const device = () => {
      const [name, length] = [new Uint8Array(16), [16]];
      expect(getsockopt(fd, 1, 25, name, length)).toBe(0);
      return Buffer.from(name).toString('latin1', 0, Math.max(0, length[0]! - 1));
    };
    expect(device()).toBe('');
    expect(listenOnLoopback(port)).toBe(true);
    expect(device()).toBe('lo');
    await once(connect(port, '127.0.0.1').resume(), 'close');
    server.close();
    await once(server, 'close');
    expect(listenOnLoopback(port)).toBe(false);
  },
);
