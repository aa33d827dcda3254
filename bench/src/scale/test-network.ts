import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { pythonProgram } from '../contestants/contestants.ts';
import type { Link } from './step-model.ts';

/** Hosts of our own: network namespaces of this machine. */
export interface TestNetwork {
  readonly link: Link;
  /** By rank. */
  readonly addresses: readonly string[];
  /** Of every host. */
  readonly interfaceName: string;
  /** The words before a command that let it run on a host. */
  enter(rank: number): string[];
}

const run = promisify(execFile);
const interfaceName = 'eth0';
const prefix = `scale-${process.pid}`;
const host = (rank: number) => `${prefix}-${rank}`;
const addressOf = (rank: number) => `10.77.0.${rank + 1}`;

/**
 * Runs `work` with hosts that are connected as `link` says: by a bridge, each host's sending held to the rate by `tc tbf`; with a delay,
 * by `python/delay_switch.py` in place of the bridge. All is removed afterwards.
 */
export async function withTestNetwork<T>(
  { size, link, python }: { readonly size: number; readonly link: Link; readonly python: string },
  work: (network: TestNetwork) => Promise<T>,
): Promise<T> {
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  const hub = `${prefix}-hub`;
  let stop = () => {};
  try {
    for (const name of [hub, ...ranks.map(host)]) await run('ip', ['netns', 'add', name]);
    if (link.delayMs > 0) stop = await startSwitch(link.delayMs, ranks, python);
    else await buildBridge(hub, ranks);
    for (const rank of ranks) await configure(rank, link);
    const addresses = ranks.map(addressOf);
    const enter = (rank: number) => ['ip', 'netns', 'exec', host(rank)];
    return await work({ link, addresses, interfaceName, enter });
  } finally {
    stop();
    for (const name of [hub, ...ranks.map(host)]) {
      await run('ip', ['netns', 'del', name]).catch(() => {});
    }
  }
}

async function buildBridge(hub: string, ranks: readonly number[]): Promise<void> {
  const inHub = (...words: string[]) => run('ip', ['-n', hub, ...words]);
  await inHub('link', 'add', 'bridge', 'type', 'bridge');
  await inHub('link', 'set', 'bridge', 'up');
  for (const rank of ranks) {
    const peer = ['type', 'veth', 'peer', 'name', interfaceName, 'netns', host(rank)];
    await inHub('link', 'add', `port${rank}`, ...peer);
    await inHub('link', 'set', `port${rank}`, 'master', 'bridge', 'up');
  }
}

async function startSwitch(
  delayMs: number,
  ranks: readonly number[],
  python: string,
): Promise<() => void> {
  const devices = ranks.map((rank) => `sc${process.pid}-${rank}`);
  const child = spawn(
    python || 'python3',
    [pythonProgram('delay_switch'), String(delayMs), ...devices],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  for (const [rank, device] of devices.entries()) {
    await run('ip', ['link', 'set', device, 'netns', host(rank)]);
    await run('ip', ['-n', host(rank), 'link', 'set', device, 'name', interfaceName]);
  }
  return () => child.stdin.end();
}

async function configure(rank: number, { rate, delayMs }: Link): Promise<void> {
  const inHost = (...words: string[]) => run('ip', ['-n', host(rank), ...words]);
  await inHost('addr', 'add', `${addressOf(rank)}/24`, 'dev', interfaceName);
  // Large packets, as a network card takes them from the kernel: Python passes each one on.
  if (delayMs > 0) await inHost('link', 'set', interfaceName, 'mtu', '9000');
  await inHost('link', 'set', interfaceName, 'up');
  await inHost('link', 'set', 'lo', 'up');
  if (rate === null) return;
  const shape = ['tbf', 'rate', `${rate}bit`, 'burst', '128kb', 'latency', '200ms'];
  await run('tc', ['-n', host(rank), 'qdisc', 'add', 'dev', interfaceName, 'root', ...shape]);
}
