import { createHash } from 'node:crypto';
import type { TensorFlowApi } from './api.ts';
import { limitListener, reachableAddressesOf } from './limit-listener.ts';
import type { Pointer } from './prototype.ts';
import { Status } from './status.ts';

/** The processes of a job, and which of them this one is. */
export interface ClusterSpec {
  /** `host:port` of each, in the order of their ranks; the same in all. */
  readonly addresses: readonly string[];
  /** Of this process, from 0. */
  readonly rank: number;
}

/** A server of TensorFlow's distributed runtime: sessions that run on it can exchange tensors with those of the other processes. */
export interface Server {
  /** Where a session says that it runs. */
  readonly target: string;
  /** The bytes of the ConfigProto that its sessions need beside their own. */
  readonly config: Uint8Array;
}

/** The bytes of a ConfigProto with which a session reaches the devices of a rank. */
export const reaching = ({ addresses, rank }: ClusterSpec): Buffer =>
  // ConfigProto: device_filters (4).
  field(4, `/job:${jobOf(addresses)}/task:${rank}`);

/** TensorFlow's name for the processes at these addresses: a server tells it, so that those of two runs are told apart. */
export const jobOf = (addresses: readonly string[]) =>
  `worker_${createHash('sha256').update(addresses.join()).digest('hex').slice(0, 16)}`;

/** The server of this process; TensorFlow has no way to end one, so there is one, until the process ends. */
let started: { readonly spec: string; readonly server: Promise<Server> } | undefined;

/**
 * Starts TensorFlow's server of this process, which listens at its address, without authentication, until the process ends. TensorFlow
 * listens on all networks of the machine: on Linux a filter drops what is not sent to this address, and elsewhere a warning says so. All processes that name each other form a group; the first run that needs another one waits for it.
 *
 * @throws Error - for a port that another program has, or a second cluster in one process.
 */
export async function startServer(api: TensorFlowApi, cluster: ClusterSpec): Promise<Server> {
  const spec = JSON.stringify([cluster.addresses, cluster.rank]);
  started ??= { spec, server: listen(api, cluster) };
  if (started.spec === spec) {
    try {
      return await started.server;
    } catch (error) {
      started = undefined;
      throw error;
    }
  }
  throw new Error(
    `startServer: expected one cluster a process, got ${spec} after ${started.spec}. Start another process`,
  );
}

async function listen(api: TensorFlowApi, { addresses, rank }: ClusterSpec): Promise<Server> {
  const name = jobOf(addresses);
  // ConfigProto: experimental.collective_group_leader (16.1). Where it reached all, unplaced ops would go to rank 0.
  const config = Buffer.concat([
    reaching({ addresses, rank }),
    field(16, field(1, `/job:${name}/replica:0/task:0`)),
  ]);
  // JobDef: name (1), tasks (2), a map of key (1) and value (2).
  const tasks = addresses.map((address, task) =>
    field(2, Buffer.concat([number(1, task), field(2, address)])),
  );
  const job = Buffer.concat([field(1, name), ...tasks]);
  // ServerDef: cluster (1) with jobs (1), job_name (2), task_index (3), default_session_config (4), protocol (5).
  const definition = Buffer.concat([
    field(1, field(1, job)),
    field(2, name),
    number(3, rank),
    field(4, config),
    field(5, 'grpc'),
  ]);
  const places = addresses.map((address) => /^\[?(.*?)\]?:(\d+)$/.exec(address)!);
  const [, host, port] = places[rank]!;
  const others = places.map(([, other]) => other!);
  others.splice(rank, 1);
  // Before the start, that the server is not open while a name is looked up.
  const own = await reachableAddressesOf(host!, others);
  passProxyBy(places.map(([, name]) => name!));
  const status = new Status(api);
  let server: Pointer;
  try {
    server = api.TF_NewServer(definition, definition.length, status.pointer);
    status.check('TF_NewServer');
    api.TF_ServerStart(server, status.pointer);
    status.check('TF_ServerStart');
  } catch (cause) {
    throw new Error(
      `startServer: expected to listen at port ${addresses[rank]?.replace(/^.*:/, '')} (${addresses[rank]}), got: ${(cause as Error).message}. Another program, such as a second run, may have the port: give another one to all processes`,
      { cause },
    );
  } finally {
    status.dispose();
  }
  if (!limitListener(own, Number(port))) {
    process.emitWarning(
      `startServer: TensorFlow's server listens at port ${port} on all networks of this machine, without authentication: ${host} cannot be told from the others here. Let a firewall close the port to strangers`,
    );
  }
  return { target: api.TF_ServerTarget(server), config };
}

/** Lets gRPC, which heeds the variables of proxies that a cluster sets for the web, connect to these hosts itself: no proxy leads to them. */
function passProxyBy(hosts: readonly string[]): void {
  const { no_grpc_proxy, no_proxy } = process.env;
  // The first one takes the place of the second.
  process.env.no_grpc_proxy = [no_grpc_proxy || no_proxy || [], hosts].flat().join();
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

const number = (id: number, value: number) => Buffer.from([...varint(id << 3), ...varint(value)]);

function field(id: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([...varint((id << 3) | 2), ...varint(bytes.length)]), bytes]);
}
