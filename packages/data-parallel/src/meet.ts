import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { addAbortSignal } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isLoopback, ownAddressesOf } from '@bag-of-tricks/libtensorflow/native';
import {
  type Cluster,
  defaultTimeout,
  type Meeting,
  tellLate,
  type WaitOptions,
} from './cluster.ts';
import { LostProcessError } from './watch.ts';

/** What of a meeting may differ. */
export interface MeetOptions extends WaitOptions {
  /** How long to wait for the others, in seconds. Default: 600. */
  readonly timeout?: number | undefined;
}

/**
 * Exchanges addresses between processes that know only where rank 0 is: each finds a free port of its own, tells rank 0 of it, and gets
 * those of all. One line of JSON each way; nothing stays open.
 *
 * @throws LostProcessError - naming the ranks that did not come in time.
 * @throws Error - naming a rank that came twice, or the port of rank 0 that is taken. The signal's reason when aborted meanwhile.
 */
export async function meet(
  meeting: Meeting,
  { timeout = defaultTimeout, signal, onWait = () => {} }: MeetOptions = {},
): Promise<Cluster> {
  const within = AbortSignal.timeout(1000 * timeout);
  const until = signal ? AbortSignal.any([signal, within]) : within;
  const [port] = (await freePorts(1)) as [number];
  const waiting = { port, signal: until, timeout, onWait };
  try {
    const addresses = await (meeting.rank === 0 ? gather : announce)(meeting, waiting);
    return { addresses, rank: meeting.rank };
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

/** Ports that are free now on all networks of this machine: TensorFlow cannot say which one it chose. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}

interface Waiting {
  /** The one of this process that is free. */
  readonly port: number;
  readonly signal: AbortSignal;
  readonly timeout: number;
  readonly onWait: (message: string) => void;
}

async function gather(
  { size, master }: Meeting,
  { port, signal, timeout, onWait }: Waiting,
): Promise<string[]> {
  const [host] = await listeningAddressesOf(master.host);
  signal.throwIfAborted();
  const addresses: (string | undefined)[] = [addressAt(master.host, port)];
  const missing = () => Array.from({ length: size }, (_, i) => i).filter((i) => !addresses[i]);
  const server = createServer();
  const open = new Set<Socket>();
  const come = new Promise<Socket[]>((resolve, reject) => {
    const sockets = new Set<Socket>();
    server.on('error', reject);
    server.on('connection', async (socket) => {
      open.add(socket.on('error', () => socket.destroy()));
      const said = await lineOf(socket).catch(() => null);
      const { rank, port: theirs } = parse(said) ?? {};
      if (!isBetween(rank, 1, size - 1) || !isBetween(theirs, 1, 65_535)) return socket.destroy();
      if (addresses[rank] !== undefined) {
        reject(
          new Error(
            `rank ${rank}: expected one process of this rank at ${master.host}:${master.port}, got two. Are two runs started with the same MASTER_PORT?`,
          ),
        );
        return;
      }
      const from = socket.remoteAddress!.replace(/^::ffff:/, '');
      // Who comes from loopback is here, where a third process would look for it on its own machine.
      addresses[rank] = addressAt(isLoopback(from) ? master.host : from, theirs);
      sockets.add(socket);
      if (sockets.size === size - 1) resolve([...sockets]);
      // Who ends while others are missing may come again. Its line was all that was read.
      socket.resume().on('close', () => {
        if (sockets.size === size - 1) return;
        sockets.delete(socket);
        addresses[rank] = undefined;
      });
    });
    signal.addEventListener('abort', () => {
      reject(
        new LostProcessError(
          `rank 0: expected ${size} processes at ${master.host}:${master.port} within ${timeout} s, got none of rank ${missing().join(', ')}. Start them, and look whether they reach this host`,
        ),
      );
    });
  });
  server.listen(master.port, host);
  const stop = tellLate(() =>
    onWait(`waiting for rank ${missing().join(', ')} at ${master.host}:${master.port}`),
  );
  try {
    const sockets = await come;
    for (const socket of sockets) socket.end(`${JSON.stringify({ addresses })}\n`);
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    return addresses as string[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `MASTER_PORT: expected port ${master.port} to be free on the host of rank 0, another program has it. Give another one to all processes`,
      { cause: error },
    );
  } finally {
    stop();
    server.close();
    for (const socket of open) socket.destroy();
  }
}

/**
 * Where rank 0 listens: on all networks where the host is none of this machine's, as behind a service of Kubernetes, or a name that leads to
 * loopback here alone, as a line of /etc/hosts may say.
 */
async function listeningAddressesOf(host: string): Promise<string[]> {
  const own = await ownAddressesOf(host);
  const isHere = host === 'localhost' || isLoopback(host);
  return isHere || !own.every(isLoopback) ? own : [];
}

const addressAt = (host: string, port: number) =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

async function announce(
  { rank, master }: Meeting,
  { port, signal, timeout, onWait }: Waiting,
): Promise<string[]> {
  const place = `${master.host}:${master.port}`;
  let last: unknown = 'no answer';
  const stop = tellLate(() => onWait(`waiting for rank 0 at ${place}: ${last}`));
  signal.addEventListener('abort', stop);
  while (!signal.aborted) {
    const socket = addAbortSignal(signal, connect(master.port, master.host));
    try {
      await once(socket, 'connect');
      socket.write(`${JSON.stringify({ rank, port })}\n`);
      const { addresses } = parse(await lineOf(socket)) ?? {};
      if (Array.isArray(addresses)) {
        stop();
        return addresses as string[];
      }
      last = 'a line that is not ours';
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    } finally {
      socket.destroy();
    }
    // Rank 0 may not be there yet.
    await delay(200, undefined, { signal }).catch(() => {});
  }
  throw new LostProcessError(
    `rank ${rank}: expected rank 0 at ${place} within ${timeout} s, got ${last}. Start it, and look whether this host reaches it`,
  );
}

async function lineOf(socket: Socket): Promise<string> {
  for await (const line of createInterface({ input: socket })) return line;
  throw new Error('the connection was closed');
}

function parse(line: string | null): Record<string, unknown> | null {
  try {
    return JSON.parse(line ?? '') as Record<string, unknown>;
  } catch {
    return null;
  }
}

const isBetween = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
