import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { Server } from 'node:net';
import { jobOf } from '@bag-of-tricks/libtensorflow/native';
import { expect, onTestFinished } from 'vitest';

/** Listens on the loopback and returns the address. */
export async function listening(server: Server | Http2Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Answers as TensorFlow's server of a rank does, until it is stopped. */
export async function rankAt(rank: number) {
  let job = '';
  const server = createServer((request, response) => {
    expect(request.url).toBe('/tensorflow.WorkerService/GetStatus');
    response.end(`\0\0\0\0\u0001/job:${job}/replica:0/task:${rank}/device:CPU:0`);
  });
  const address = await listening(server);
  const stop = async () => {
    server.close();
    await once(server, 'close');
  };
  onTestFinished(() => void (server.listening && server.close()));
  /** As one of the processes at these addresses. */
  const joins = (addresses: readonly string[]) => {
    job = jobOf(addresses);
    return { addresses, rank };
  };
  return { address, stop, joins };
}
