import { lookup } from 'node:dns/promises';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { koffi } from './koffi.ts';

/** From linux/filter.h and asm-generic/socket.h. */
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const LISTEN = '0A';
/** Offsets from here on count from the IP header. */
const NETWORK = 0xfff00000;
const [LOAD_WORD, LOAD_BYTE, SHIFT_RIGHT, JUMP_IF_EQUAL, RETURN] = [0x20, 0x30, 0x74, 0x15, 0x06];
const [ACCEPT, DROP] = [0xffffffff, 0];

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Two of the same type would be two types. */
let filterProgram: ReturnType<typeof koffi.struct> | undefined;

/** Drops what is not sent to one of the addresses, given as 32-bit words: one of IPv4, four of IPv6. */
function filterFor(addresses: readonly (readonly number[])[]): Instruction[] {
  /** Each address is compared word by word; the first difference leads to the next one. */
  const tests = (offset: number, words: number) =>
    addresses
      .filter(({ length }) => length === words)
      .flatMap((address) => [
        ...address.flatMap((word, i): Instruction[] => [
          [LOAD_WORD, 0, 0, NETWORK + offset + 4 * i],
          [JUMP_IF_EQUAL, 0, 2 * (words - 1 - i) + 1, word],
        ]),
        [RETURN, 0, 0, ACCEPT] as const,
      ]);
  const [four, six] = [tests(16, 1), tests(24, 4)];
  return [
    [LOAD_BYTE, 0, 0, NETWORK],
    [SHIFT_RIGHT, 0, 0, 4],
    [JUMP_IF_EQUAL, 0, four.length + 1, 4],
    ...four,
    [RETURN, 0, 0, DROP],
    ...six,
    [RETURN, 0, 0, DROP],
  ];
}

function wordsOf(address: string): number[] {
  if (isIPv4(address)) {
    return [address.split('.').reduce((word, byte) => 256 * word + Number(byte), 0)];
  }
  const [left = '', right] = address
    .split('::')
    .map((half) => half.split(':').filter(Boolean)) as never as string[][];
  const missing = right === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...(right ?? [])];
  return [0, 2, 4, 6].map((i) => parseInt(groups[i]!, 16) * 65536 + parseInt(groups[i + 1]!, 16));
}

/** The descriptors at which this process listens at a port. */
function listenersAt(port: number): number[] {
  const inodes = ['tcp', 'tcp6'].flatMap((protocol) =>
    readFileSync(`/proc/self/net/${protocol}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, local, , state]) => state === LISTEN && parseInt(local!.split(':')[1]!, 16) === port,
      )
      .map((fields) => fields[9]!),
  );
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => {
      try {
        const [, inode] =
          /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`)) ?? [];
        return inodes.includes(inode!);
      } catch {
        // The one that the folder was read by.
        return false;
      }
    });
}

/** The addresses of a host that are this machine's own: none behind a service of Kubernetes or a forwarded port. */
export async function ownAddressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const own = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.map(({ address }) => address),
  );
  return found.map(({ address }) => address).filter((one) => own.includes(one));
}

export const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

async function isHere(host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopback(address));
}

/**
 * The own addresses of a host at which other hosts reach it: none where its name leads here to loopback alone, as a line of /etc/hosts may
 * say, and that of another host does not.
 */
export async function reachableAddressesOf(
  host: string,
  others: readonly string[],
): Promise<string[]> {
  const own = await ownAddressesOf(host);
  if (!own.every(isLoopback)) return own;
  const here = await Promise.all(others.map(isHere));
  return here.every(Boolean) ? own : [];
}

/**
 * Lets a server of this process that listens on all networks hear only what is sent to these addresses, by a filter in the kernel.
 *
 * @returns Whether it does: not on other systems than Linux, nor without an address.
 */
export function limitListener(
  addresses: readonly string[],
  port: number,
  os: string = process.platform,
): boolean {
  if (os !== 'linux') return false;
  const listeners = listenersAt(port);
  if (addresses.length === 0 || listeners.length === 0) return false;
  const program = filterFor(addresses.map(wordsOf));
  const bytes = Buffer.alloc(8 * program.length);
  for (const [i, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(ifTrue, 8 * i + 2);
    bytes.writeUInt8(ifFalse, 8 * i + 3);
    bytes.writeUInt32LE(value, 8 * i + 4);
  }
  filterProgram ??= koffi.struct({ length: 'uint16', instructions: 'void *' });
  const setsockopt = koffi
    .load(null)
    .func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(filterProgram), 'uint32']);
  const given = { length: program.length, instructions: bytes };
  const size = koffi.sizeof(filterProgram);
  return listeners.every(
    (descriptor) => setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, given, size) === 0,
  );
}
