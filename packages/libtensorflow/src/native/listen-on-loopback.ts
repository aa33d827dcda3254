import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
/** The state of a socket that listens, as /proc/net/tcp writes it. */
const LISTEN = '0A';

/** Names of the sockets of this network that listen at a port. */
function listenersAt(port: number): string[] {
  const rows = ['tcp', 'tcp6'].flatMap((protocol) =>
    readFileSync(`/proc/self/net/${protocol}`, 'utf8').trim().split('\n').slice(1),
  );
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    const isOurs = state === LISTEN && Number.parseInt(local!.split(':')[1]!, 16) === port;
    return isOurs ? [`socket:[${inode}]`] : [];
  });
}

/** The file descriptors of this process that listen at a port. */
export function descriptorsAt(port: number): number[] {
  const names = listenersAt(port);
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return names.includes(readlinkSync(`/proc/self/fd/${fd}`)) ? [Number(fd)] : [];
    } catch {
      // The descriptor that listed the folder.
      return [];
    }
  });
}

/**
 * Lets what listens at a port take connections from this machine alone, although it is bound to all addresses, as TensorFlow's server
 * always is. False where the system refuses, as Linux before 5.7 does to whoever is not root.
 */
export function listenOnLoopback(port: number): boolean {
  const setsockopt = koffi
    .load(null)
    .func('int setsockopt(int, int, int, const char *, unsigned int)');
  const name = 'lo';
  const descriptors = descriptorsAt(port);
  const results = descriptors.map((fd) =>
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length + 1),
  );
  return results.length > 0 && results.every((result) => result === 0);
}
